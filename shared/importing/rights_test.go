package importing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// The users of the tests.

const (
	ownCVR   = "35209115" // that of the units of the tests
	otherCVR = "10000009"
)

func vendor(grants ...access.Grant) access.User {
	return access.User{Navn: "os", Rolle: access.Leverandoer, Forbindelse: access.Levere, Grants: grants}
}

func owner(numbers ...register.Number) access.User {
	u := access.User{Navn: "ejer", Rolle: access.Ejer, Forbindelse: access.Levere, CVRNummer: ownCVR}
	for _, n := range numbers {
		u.Grants = append(u.Grants, access.Grant{Nummer: n})
	}
	return u
}

func ofRole(r access.Role) access.User {
	return access.User{Navn: r.String(), Rolle: r, Forbindelse: access.Levere}
}

// of is a grant from a municipality, for levels or all of them.
func of(kommune int, niveauer ...register.Level) access.Grant {
	return access.Grant{Kommune: kommune, Niveauer: niveauer}
}

func runBy(ejerformer ...int) access.Grant { return access.Grant{Kommune: 461, Ejerformer: ejerformer} }

// by gives the options of a user's run.
func (r *registry) by(u access.User) importing.Options {
	return importing.Options{Actor: register.Actor{User: u.Navn, Version: register.V2}, Rights: u.Rights(r.now)}
}

// privately is the settled registry with its first daginstitution run privately.
func privately(t tester, chunk int) *registry {
	t.Helper()
	r := settled(t, chunk)
	r.wantAll([]importing.Op{ret(daginstitution("G20000", runAs(3, 4)))}, importing.Changed)
	return r
}

// TestRightsByOperation does every operation on every level of a private institution in municipality 461, as those who may and those
// who may not.
func TestRightsByOperation(t *testing.T) {
	t.Parallel()
	const d, e, a = register.Daginstitution, register.Anvisningsenhed, register.AlternativAdresse
	const kommune, niveau, form, ejer, indlaest = "adgang/kommune", "adgang/niveau", "adgang/ejerform", "adgang/ejer", "adgang/indlaes"
	users := []access.User{
		vendor(of(461)), vendor(of(751), of(101)), vendor(of(461, d)), vendor(of(461, e)), vendor(of(461, a)), vendor(runBy(1)),
		owner("G20000"), owner("G20020"), ofRole(access.Laeser), ofRole(access.Support), ofRole(access.Drift),
	}
	for _, c := range []struct {
		name string
		op   importing.Op
		want [11]string // what stands in each user's way
	}{
		{"create a daginstitution", opret(daginstitution("", runAs(3, 4))),
			[...]string{"", kommune, "", niveau, niveau, form, ejer, ejer, "adgang/rolle", "", ""}},
		{"create an enhed", opret(enhed("", "G20000")),
			[...]string{"", kommune, niveau, "", niveau, form, "", ejer, "adgang/rolle", "", ""}},
		{"create an address", opret(adresse("", "G20001")),
			[...]string{"", kommune, niveau, niveau, "", form, "", ejer, "adgang/rolle", "", ""}},
		{"change a daginstitution", ret(daginstitution("G20000", runAs(3, 4), named("Nyt"))),
			[...]string{"", kommune, "", niveau, niveau, form, "", ejer, "adgang/rolle", "", ""}},
		{"change an enhed", ret(enhed("G20001", "", named("Nyt"))),
			[...]string{"", kommune, niveau, "", niveau, form, "", ejer, "adgang/rolle", "", ""}},
		{"change an address", ret(adresse("G20002", "", named("Nyt"))),
			[...]string{"", kommune, niveau, niveau, "", form, "", ejer, "adgang/rolle", "", ""}},
		{"change nothing", ret(enhed("G20001", "")),
			[...]string{"", kommune, niveau, "", niveau, form, "", ejer, "adgang/rolle", "", ""}},
		{"change the ejerform", ret(daginstitution("G20000", runAs(1, 1))),
			[...]string{"", kommune, "", niveau, niveau, form, form, ejer, "adgang/rolle", "", ""}},
		{"move an enhed without addresses", flyt("G20004", "G20010"),
			[...]string{"", kommune, niveau, "", niveau, form, ejer, ejer, "adgang/rolle", "", ""}},
		{"move an address", flyt("G20002", "G20004"),
			[...]string{"", kommune, niveau, niveau, "", form, "", ejer, "adgang/rolle", "", ""}},
		{"move an enhed with addresses", flyt("G20001", "G20010"),
			[...]string{"", kommune, niveau, "adgang/niveau G20002", niveau, form, ejer, ejer, "adgang/rolle", "", ""}},
		{"close a daginstitution", nedlaeg("G20010"), // which is kommunal
			[...]string{"", kommune, "", niveau, niveau, "", ejer, ejer, "adgang/rolle", "", ""}},
		{"close an enhed", nedlaeg("G20004"),
			[...]string{"", kommune, niveau, "", niveau, form, "", ejer, "adgang/rolle", "", ""}},
		{"close an address", nedlaeg("G20002"),
			[...]string{"", kommune, niveau, niveau, "", form, "", ejer, "adgang/rolle", "", ""}},
		{"load a daginstitution", indlaes(daginstitution("G20100")),
			[...]string{indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, ""}},
		{"load an enhed", indlaes(enhed("G20100", "G20000")),
			[...]string{indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, ""}},
		{"load an address again", indlaes(adresse("G20002", "G20001")),
			[...]string{indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, indlaest, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, u := range users {
				r := privately(t, 500)
				before := r.content()
				result := r.try([]importing.Op{as(c.op, line(7))}, r.by(u))[0]
				got, refused := strings.CutPrefix(show(result), "refused, ")
				if refused != (c.want[i] != "") || refused && got != c.want[i] {
					t.Errorf("user %d, %s: %s, want %q", i, u.Navn, show(result), c.want[i])
				}
				if !refused {
					continue
				}
				wantSame(t, before, r.content())
				entries := r.entries()
				rule, _, _ := strings.Cut(c.want[i], " ")
				if len(entries) != 1 || !slices.Equal(entries[0].Regler, []string{rule}) || entries[0].Af.User != u.Navn || entries[0].Linje != 7 ||
					entries[0].Kommune != 461 || entries[0].Level != c.op.Level || result.Kind() != register.Forbidden {
					t.Errorf("user %d, %s: the trail holds %+v", i, u.Navn, entries)
				}
			}
		})
	}
}

// TestRights runs operations that depend on each other, and on where things stand. Each case is judged in a dry run first, which leaves
// no trail, and done in transactions of every size.
func TestRights(t *testing.T) {
	t.Parallel()
	const kommune, form = "refused, adgang/kommune", "refused, adgang/ejerform"
	withCVR := func(cvr string) func(*register.Unit) { return func(u *register.Unit) { u.CVRNummer = cvr } }
	both := vendor(of(461), of(751))
	type ops = []importing.Op
	for _, c := range []struct {
		name string
		user access.User
		ops  ops
		want []string
	}{
		{"a tree of one's own", vendor(of(461)), ops{
			as(opret(daginstitution("")), ref("d")), as(opret(enhed("", "#d")), ref("enhed")), as(opret(adresse("", "#enhed")), ref("adresse")),
			flyt("#enhed", "G20010"), nedlaeg("#adresse")},
			[]string{"created G20022:1", "created G20023:1", "created G20024:1", "changed G20023:2", "changed G20024:3"}},
		{"a tree elsewhere", vendor(of(461)), ops{
			as(opret(daginstitution("", inKommune(751))), ref("d")), as(opret(enhed("", "#d")), ref("enhed")), opret(adresse("", "#enhed"))},
			[]string{kommune, "refused, ukendt-reference/ukendt /daginstitutionsNummer", "refused, ukendt-reference/ukendt /enhedsNummer"}},
		{"one refused line stops no other", vendor(of(461)), ops{nedlaeg("G20021"), nedlaeg("G20004"), opret(enhed("", "G20020")), opret(enhed("", "G20010"))},
			[]string{kommune, "changed G20004:2", kommune, "created G20022:1"}},
		{"by the ejerform that a line before it gave", vendor(runBy(1, 3)), ops{
			ret(daginstitution("G20000", runAs(3, 4))), ret(daginstitution("G20000", runAs(2, 2))), ret(enhed("G20001", "", named("Nyt")))},
			[]string{"changed G20000:2", form, "changed G20001:2"}},
		{"out of one's ejerform", vendor(runBy(1)), ops{ret(daginstitution("G20000", runAs(3, 4))), opret(daginstitution("", runAs(3, 4)))},
			[]string{form, form}},
		{"by the ejerform of a tree that is being made", vendor(runBy(3)), ops{
			as(opret(daginstitution("", runAs(3, 4))), ref("d")), opret(enhed("", "#d")), flyt("G20001", "#d"), as(opret(daginstitution("")), ref("e")), opret(enhed("", "#e"))},
			[]string{"created G20022:1", "created G20023:1", form, form, "refused, ukendt-reference/ukendt /daginstitutionsNummer"}},
		{"to and from another ejerform by a move", vendor(runBy(1), access.Grant{Kommune: 461, Ejerformer: []int{3}, Niveauer: []register.Level{register.Daginstitution}}), ops{
			ret(daginstitution("G20010", runAs(3, 4))), flyt("G20004", "G20010"), flyt("G20001", "G20010")},
			[]string{"changed G20010:2", form, form}},

		{"to a municipality with the right to both", both, ops{ret(daginstitution("G20000", inKommune(751)))}, []string{"changed G20000:2"}},
		{"to a municipality with the right to the old", vendor(of(461)), ops{ret(daginstitution("G20000", inKommune(751)))}, []string{kommune}},
		{"to a municipality with the right to the new", vendor(of(751)), ops{ret(daginstitution("G20000", inKommune(751)))}, []string{kommune}},
		{"and away from what comes along", vendor(of(461), of(751, register.Daginstitution)), ops{
			ret(daginstitution("G20000", inKommune(751))), ret(daginstitution("G20010", inKommune(751)))},
			[]string{"refused, adgang/niveau G20001", "changed G20010:2"}},
		{"from where only the daginstitution is one's own", vendor(of(461, register.Daginstitution), of(751)), ops{
			ret(daginstitution("G20000", inKommune(751))), ret(daginstitution("G20010", inKommune(751)))},
			[]string{"refused, adgang/niveau G20001", "changed G20010:2"}},
		{"with the ejerform as it was and as it becomes", vendor(runBy(1), access.Grant{Kommune: 751, Ejerformer: []int{3}}), ops{
			ret(daginstitution("G20000", inKommune(751))), ret(daginstitution("G20000", inKommune(751), runAs(3, 4)))},
			[]string{form, "changed G20000:2"}},
		{"and back", both, ops{
			ret(daginstitution("G20000", inKommune(751))), ret(daginstitution("G20000")), flyt("G20001", "G20010"), flyt("G20001", "G20020")},
			[]string{"changed G20000:2", "changed G20000:3", "changed G20001:4", "refused, flytning-kommune/andenKommune /daginstitutionsNummer G20020"}},

		{"below what is elsewhere", vendor(of(461)), ops{flyt("G20001", "G20020"), opret(enhed("", "G20020")), opret(adresse("", "G20021"))},
			[]string{"refused, adgang/kommune, flytning-kommune/andenKommune /daginstitutionsNummer G20020", kommune, kommune}},
		{"from elsewhere", vendor(of(461)), ops{flyt("G20021", "G20000")},
			[]string{"refused, adgang/kommune, flytning-kommune/andenKommune /daginstitutionsNummer G20000"}},
		{"below nothing", vendor(runBy(1)), ops{
			opret(enhed("", "G29999")), flyt("G20001", "G29999"), ret(enhed("G20001", "G29999")), flyt("G20001", "#x"), flyt("G20021", "G29999")},
			[]string{"refused, foraelder/ukendt /daginstitutionsNummer", "refused, foraelder/ukendt /daginstitutionsNummer",
				"refused, flyt-i-stedet/flytning /daginstitutionsNummer G20000", "refused, ukendt-reference/ukendt /daginstitutionsNummer",
				"refused, adgang/kommune, foraelder/ukendt /daginstitutionsNummer"}},
		{"below the wrong level", vendor(runBy(1)), ops{
			opret(enhed("", "G20004")), flyt("G20001", "G20004"), flyt("G20002", "G20010"), ret(adresse("G20002", "G20010")), flyt("G20002", "G20020")},
			[]string{"refused, foraelder-niveau/niveau /daginstitutionsNummer G20004", "refused, foraelder-niveau/niveau /daginstitutionsNummer G20004",
				"refused, foraelder-niveau/niveau /enhedsNummer G20010", "refused, flyt-i-stedet/flytning /enhedsNummer G20001",
				"refused, foraelder-niveau/niveau /enhedsNummer G20020, flytning-kommune/andenKommune /enhedsNummer G20020"}},
		{"what is not there", vendor(of(461)), ops{nedlaeg("G29999"), ret(daginstitution("x"))},
			[]string{"refused, ukendt-nummer/findesIkke", "refused, ukendt-nummer/findesIkke"}},
		{"all that is wrong", vendor(of(751)), ops{as(ret(daginstitution("G20000", named(""))), expect(7))},
			[]string{"refused, foraeldet-version/andenVersion, adgang/kommune, navn/mangler /daginstitutionsNavn"}},

		{"an owner's tree", owner("G20000"), ops{
			ret(daginstitution("G20000", runAs(3, 4), named("Nyt"))), as(opret(enhed("", "G20000")), ref("e")), opret(adresse("", "#e")), flyt("G20002", "#e"),
			nedlaeg("G20003"), opret(daginstitution("", runAs(3, 4))), ret(daginstitution("G20000", runAs(3, 4), inKommune(751)))},
			[]string{"changed G20000:3", "created G20022:1", "created G20023:1", "changed G20002:2", "changed G20003:2", "refused, adgang/ejer", kommune}},
		{"an owner's enhed", owner("G20001"), ops{
			ret(enhed("G20001", "", named("Nyt"))), opret(adresse("", "G20001")), opret(adresse("", "G20004", named("Andet"))), flyt("G20002", "G20004"),
			ret(daginstitution("G20000", runAs(3, 4), named("Nyt"))), flyt("G20001", "G20010")},
			[]string{"changed G20001:2", "created G20022:1", "refused, adgang/ejer", "refused, adgang/ejer", "refused, adgang/ejer", "refused, adgang/ejer"}},
		{"an owner and another's CVR number", owner("G20000"), ops{
			opret(enhed("", "G20000", withCVR(otherCVR))), opret(enhed("", "G20000", withCVR(""))), ret(enhed("G20001", "", withCVR(otherCVR))),
			ret(enhed("G20001", "", withCVR("")))},
			[]string{"refused, adgang/cvr", "created G20022:1", "refused, adgang/cvr", "changed G20001:2"}},
		{"an owner out of its ejerform", owner("G20000", "G20010"), ops{ret(daginstitution("G20000")), ret(daginstitution("G20010", runAs(3, 4)))},
			[]string{form, form}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, chunk := range chunks {
				t.Run(fmt.Sprint("chunk ", chunk), func(t *testing.T) {
					r := settled(t, chunk)
					if c.user.Rolle == access.Ejer {
						r = privately(t, chunk)
					}
					o := r.by(c.user)
					dry := o
					dry.DryRun = true
					foretold := verdicts(r.try(c.ops, dry))
					wantLines(t, "the trail of a dry run", r.trail(), nil)
					results := r.try(c.ops, o)
					wantLines(t, "results", showAll(results), c.want)
					wantLines(t, "dry run", foretold, verdicts(results))
					refused := slices.DeleteFunc(results, func(r importing.Result) bool { return r.Outcome != importing.Refused })
					if entries := r.entries(); len(entries) != len(refused) {
						t.Errorf("%d operations are refused, and %d are in the trail", len(refused), len(entries))
					}
					r.sound()
				})
			}
		})
	}
}

// TestNoSuchMunicipality names no municipality, or one that does not exist, through either version. Of the rights to it nobody hears, of
// any other right as before.
func TestNoSuchMunicipality(t *testing.T) {
	t.Parallel()
	const kommune, ejer, rolle = "adgang/kommune, ", "adgang/ejer, ", "adgang/rolle, "
	unread := found(validation.ForkertType, "/admKommuneKode")
	for kode, refusal := range map[int]string{0: "adm-kommunekode/mangler /admKommuneKode", noKommune: "adm-kommunekode/ukendtKode /admKommuneKode"} {
		here := inKommune(kode)
		for _, c := range []struct {
			name string
			user access.User
			op   importing.Op
			want string
		}{
			{"a new one", vendor(of(461)), opret(daginstitution("", here)), refusal},
			{"a new one of another level", vendor(of(461, register.AlternativAdresse)), opret(daginstitution("", here)), refusal},
			{"a change", vendor(of(461)), ret(daginstitution("G20000", runAs(3, 4), here)), refusal},
			{"a change without the right to it", vendor(of(751)), ret(daginstitution("G20000", runAs(3, 4), here)), kommune + refusal},
			{"a change on another level", vendor(of(461, register.Anvisningsenhed)), ret(daginstitution("G20010", here)), "adgang/niveau, " + refusal},
			{"a change, where what comes along is another's", vendor(of(461, register.Daginstitution)), ret(daginstitution("G20000", runAs(3, 4), here)), refusal},
			{"a change of the ejerform too", vendor(runBy(3)), ret(daginstitution("G20000", here)), "adgang/ejerform, " + refusal},
			{"an owner's change", owner("G20000"), ret(daginstitution("G20000", runAs(3, 4), here)), refusal},
			{"an owner's new one", owner("G20000"), opret(daginstitution("", runAs(3, 4), here)), ejer + refusal},
			{"another owner's", owner("G20020"), ret(daginstitution("G20000", runAs(3, 4), here)), ejer + refusal},
			{"a reader's", ofRole(access.Laeser), opret(daginstitution("", here)), rolle + refusal},
			{"support's", ofRole(access.Support), opret(daginstitution("", here)), refusal},
			{"a load", vendor(of(461)), indlaes(daginstitution("G20100", here)), "adgang/indlaes, " + refusal},
			{"what could not be read", vendor(of(461)), as(opret(daginstitution("", here)), unread), "forkert-type/x /admKommuneKode"},
			{"a change that could not be read", vendor(of(461)), as(ret(daginstitution("G20010", here)), unread), "forkert-type/x /admKommuneKode"},
			{"another's that could not be read", vendor(of(751)), as(ret(daginstitution("G20010", here)), unread), "forkert-type/x /admKommuneKode, adgang/kommune"},
		} {
			for _, v := range []register.ServiceVersion{register.V1, register.V2} {
				r := privately(t, 500)
				before, o := r.content(), r.by(c.user)
				o.Actor.Version = v
				wantLines(t, fmt.Sprint(c.name, " of ", kode, " through ", v), showAll(r.try([]importing.Op{c.op}, o)), []string{"refused, " + c.want})
				wantSame(t, before, r.content())
			}
		}
	}
}

// TestMunicipalityThatIsGone has a municipality leave the table: what stands in it is still its own alone to write.
func TestMunicipalityThatIsGone(t *testing.T) {
	r := settled(t, 500)
	tables, err := codes.LoadOver(fstest.MapFS{"kommuner.csv": {Data: []byte("kode;tekst\n751;Aarhus\n")}})
	if err != nil {
		t.Fatal(err)
	}
	r.Checker = validation.New(tables)
	const gone = "adm-kommunekode/ukendtKode /admKommuneKode"
	there := func(u *register.Unit) { u.Adresse.KommuneKode = 751 }
	ops := []importing.Op{ret(enhed("G20001", "", there)), opret(enhed("", "G20010", there)), nedlaeg("G20004"), ret(daginstitution("G20010", named("Nyt")))}
	wantLines(t, "another's", showAll(r.try(ops, r.by(vendor(of(751))))),
		[]string{"refused, adgang/kommune", "refused, adgang/kommune", "refused, adgang/kommune", "refused, adgang/kommune, " + gone})
	wantLines(t, "its own", showAll(r.try(ops, r.by(vendor(of(461))))),
		[]string{"changed G20001:2", "created G20022:1", "changed G20004:2", "refused, " + gone})
	r.sound()
}

// TestForeignAmongOwnOnes has an address with another owner's CVR number stand below an owner's enhed: it does not move along.
func TestForeignAmongOwnOnes(t *testing.T) {
	r := privately(t, 500)
	r.wantAll([]importing.Op{
		ret(daginstitution("G20010", runAs(3, 4))), ret(adresse("G20003", "", func(u *register.Unit) { u.CVRNummer = otherCVR })),
	}, importing.Changed)
	o := r.by(owner("G20000", "G20010"))
	wantLines(t, "results", showAll(r.try([]importing.Op{flyt("G20001", "G20010"), flyt("G20004", "G20010")}, o)),
		[]string{"refused, adgang/cvr G20003", "changed G20004:2"})
}

// TestStrictRights writes nothing of a strict run that may not write one of its lines.
func TestStrictRights(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		before := r.content()
		o := r.by(vendor(of(461)))
		o.Strict = true
		wantLines(t, "results", showAll(r.try([]importing.Op{nedlaeg("G20004"), nedlaeg("G20021")}, o)),
			[]string{"refused, alt-eller-intet/andenLinjeAfvist", "refused, adgang/kommune"})
		wantSame(t, before, r.content())
		if got := r.trail(); len(got) != 2 {
			t.Errorf("the trail holds %q", got)
		}
		wantLines(t, "without that line", showAll(r.try([]importing.Op{nedlaeg("G20004")}, o)), []string{"changed G20004:2"})
	})
}

// TestRepeatedCallAfterRevocation repeats a request, by its key, once the right to it is gone: it is answered what it was answered, for
// that is what was done. The next request is refused.
func TestRepeatedCallAfterRevocation(t *testing.T) {
	forChunks(t, func(t *testing.T, r *registry) {
		ops := []importing.Op{as(ret(enhed("G20001", "", named("Nyt"))), key("a", 1))}
		grant := of(461)
		wantLines(t, "at first", showAll(r.try(ops, r.by(vendor(grant)))), []string{"changed G20001:2"})
		before := r.content()
		grant.Tilbagekaldt = r.now
		ops = append(ops, as(ret(enhed("G20001", "", named("Igen"))), key("b", 2)))
		wantLines(t, "once revoked", showAll(r.try(ops, r.by(vendor(grant)))), []string{"changed G20001:2", "refused, adgang/kommune"})
		wantSame(t, before, r.content())
	})
}

// TestGrantOfAPeriod writes on the days of a grant.
func TestGrantOfAPeriod(t *testing.T) {
	r := settled(t, 1)
	day := access.DayOf(r.now)
	u := vendor(access.Grant{Kommune: 461, Fra: day, Til: day})
	for i, want := range []string{"refused, adgang/kommune", "changed G20001:2", "refused, adgang/kommune"} {
		now := r.now
		r.now = now.Add(time.Duration(i-1) * 24 * time.Hour)
		wantLines(t, r.now.String(), showAll(r.try([]importing.Op{ret(enhed("G20001", "", named("Nyt")))}, r.by(u))), []string{want})
		r.now = now
	}
}
