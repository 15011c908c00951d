package importing_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// TestRepairOfAnUnlawfulTree puts a daginstitution right together with what is below it, where each stands in the other's way.
func TestRepairOfAnUnlawfulTree(t *testing.T) {
	t.Parallel()
	forEngines(t, func(t *testing.T, open func(t tester) *registry) {
		r := settle(open(t))
		const par, under = "krydsvalidering/ulovligtPar /lovgrundlagKode", "krydsvalidering/ulovligDaginstitution /instType3 G20100"
		wantLines(t, "the load", r.runLines([]importing.Op{
			indlaes(daginstitution("G20100", runAs(2, 5))), indlaes(enhed("G20101", "G20100", ofType(6013))), indlaes(enhed("G20102", "G20100", ofType(6021))),
		}, importing.Options{}), []string{"created G20100:1, ?" + par, "created G20101:1, ?" + under, "created G20102:1, ?" + under})

		parent := ret(daginstitution("G20100", runAs(2, 2)))
		one, other := ret(enhed("G20101", "", ofType(6011))), ret(enhed("G20102", "", ofType(6012)))
		before := r.content()
		unlawful := func(f validation.Finding) bool { return f.Rule == validation.Krydsvalidering }
		for _, o := range []importing.Options{{}, {Strict: true}} {
			for _, ops := range [][]importing.Op{{parent, one, other}, {one, other, parent}} {
				for i, result := range r.run(ops, o) {
					for _, f := range result.Findings {
						if f.Rettelser == nil && unlawful(f) && !strings.Contains(f.Tekst.Da, "ReplaceDagtilbud") {
							t.Errorf("operation %d alone is told no way out: %q", i, f.Tekst.Da)
						}
					}
					if result.Outcome != importing.Refused || !slices.ContainsFunc(result.Findings, unlawful) {
						t.Errorf("operation %d alone: %s", i, show(result))
					}
				}
			}
		}
		wantSame(t, before, r.content())

		for _, f := range r.replace(r.tree("G20100", with("G20101", ofType(6011))), importing.Options{}).Findings {
			if unlawful(f) && (strings.Contains(f.Tekst.Da+f.Tekst.En, "ReplaceDagtilbud") || strings.Contains(f.Tekst.Da, "først")) {
				t.Errorf("a tree that is not put right is told %+v", f.Tekst)
			}
		}

		tree := r.tree("G20100", with("", runAs(2, 2)), with("G20101", ofType(6011)), with("G20102", ofType(6012)))
		wantLines(t, "together", showTree(r.replace(tree, importing.Options{})), []string{"changed G20100:2 (G20101:2 G20102:2)"})
		r.sound()
	})
}

// TestTreeChangeRecord follows one call that does everything through the log.
func TestTreeChangeRecord(t *testing.T) {
	r := settled(t, 500)
	r.wantAll([]importing.Op{flyt("G20004", "G20010"), nedlaeg("G20003")}, importing.Changed)
	begun := len(r.content().log)
	r.now = r.now.Add(time.Minute)
	tree := r.tree("G20000", with("", named("Nyt"), inKommune(461)), with("G20001", named("Nyt")), with("G20002", named("Nyt")),
		plus(enhed("G20004", "", ofType(6014), version(2))), plus(enhed("", ""), adresse("", "")), closes("G20002"))
	actor := register.Actor{User: "leverandør", Version: register.V2, RequestID: "req-7", Traceparent: "00-a-b-01"}
	wantLines(t, "result", showTree(r.replace(tree, importing.Options{Actor: actor})),
		[]string{"changed G20000:2 (G20001:2 G20004:4 G20022:1 (G20023:1)) -G20002:2"})
	type step struct {
		number register.Number
		art    register.Art
		aarsag register.Aarsag
	}
	var got []step
	for _, c := range r.sound().log[begun-2:] { // what is in 461, which comes first
		if c.Position.Kommune == 461 && c.Tid == r.now {
			got = append(got, step{c.Efter.Number(), c.Art, c.Aarsag})
			if c.Af != actor || c.Tid != c.Efter.SenestOpdateret || c.ImportID != "" {
				t.Errorf("change %+v", c)
			}
		}
	}
	const kald = register.VedKald
	want := []step{
		{"G20000", register.Aendring, kald}, {"G20004", register.Flytning, kald}, {"G20022", register.Oprettelse, kald}, {"G20023",
			register.Oprettelse, kald},
		{"G20001", register.Aendring, kald}, {"G20004", register.Aendring, kald}, {"G20002", register.Nedlaeggelse, kald},
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log tells\n     %v\nwant %v", got, want)
	}
}

// TestTreeTakesAlong changes municipality with closed rows below, moves in a unit with a closed address, and closes from the bottom up.
func TestTreeTakesAlong(t *testing.T) {
	r := settled(t, 500)
	r.wantAll([]importing.Op{nedlaeg("G20003"), flyt("G20001", "G20010")}, importing.Changed)
	begun := r.content().positions.Of(461)
	o := importing.Options{Rights: ptr(ofRole(access.Support)).Rights(r.now), Actor: register.Actor{User: "support"}}
	wantLines(t, "a move in", showTree(r.tryTree(r.tree("G20000", plus(enhed("G20001", "", version(2)), adresse("G20002", "", version(2)))), o)),
		[]string{"changed G20000:1 (G20004:1 G20001:3 (G20002:3))"})
	wantLines(t, "to another municipality", showTree(r.tryTree(r.tree("G20000", with("", inKommune(751)), closes("G20001", "G20002")), o)),
		[]string{"changed G20000:2 (G20004:2) -G20001:5 -G20002:5"})
	var got []string
	for _, c := range r.sound().log {
		if c.Position.Kommune == 751 || c.Position.Nr > begun {
			got = append(got, fmt.Sprint(c.Position, " ", c.Efter.Number(), " ", c.Art, " ", c.Aarsag))
		}
	}
	const med, selv = " aendret medForaelder", " aendret rettelse"
	wantLines(t, "the log", got, []string{
		"461:17 G20001 flyttet rettelse", "461:18 G20002 flyttet medForaelder", "461:19 G20003 flyttet medForaelder",
		"461:20 G20000" + selv, "461:21 G20001" + med, "461:22 G20002" + med, "461:23 G20003" + med, "461:24 G20004" + med,
		"751:1 G20020 indlaest kald", "751:2 G20021 indlaest kald",
		"751:3 G20000" + selv, "751:4 G20001" + med, "751:5 G20002" + med, "751:6 G20003" + med, "751:7 G20004" + med,
		"751:8 G20002 nedlagt rettelse", "751:9 G20001 nedlagt rettelse",
	})
}

func ptr[T any](v T) *T { return &v }

// TestTreeAsRead sends trees back as they are read, with what is closed: that is passed over where it is sent as it stands, and refused
// where anything of it is otherwise.
func TestTreeAsRead(t *testing.T) {
	t.Parallel()
	forEngines(t, func(t *testing.T, open func(t tester) *registry) {
		r := settle(open(t))
		r.wantAll([]importing.Op{nedlaeg("G20003"), nedlaeg("G20004")}, importing.Changed)
		before := r.content()
		for n, want := range map[register.Number]string{
			"G20000": "unchanged G20000:1 (G20001:1 (G20002:1 G20003:2) G20004:2)", "G20011": "unchanged G20011:2 (G20012:2 (G20013:2))",
		} {
			wantLines(t, "as it stands", showTree(r.replace(r.treeAsRead(n), importing.Options{})), []string{want})
		}
		const at, first = " /anvisningsenheder/1", " /anvisningsenheder/0/alternativeAdresser/1"
		for _, c := range []struct {
			name string
			edit func(*importing.Tree)
			want []string
		}{
			{"another name", with("G20004", named("Nyt")), []string{"nedlagt/nedlagt" + at}},
			{"another name of an address", with("G20003", named("Nyt")), []string{"nedlagt/nedlagt" + first}},
			{"without its status", with("G20004", withStatus(0)), []string{"nedlagt/nedlagt" + at}},
			{"as though it were active", with("G20004", withStatus(register.Aktiv)),
				[]string{"skrivebeskyttet/aktivitetsstatus" + at + "/aktivitetsstatus", "nedlagt/nedlagt" + at}},
			{"without its version", with("G20004", version(0)), []string{"mangler-if-match/mangler" + at + "/version", "nedlagt/nedlagt" + at}},
			{"an earlier version", with("G20004", version(1)), []string{"foraeldet-version/andenVersion" + at + "/version", "nedlagt/nedlagt" + at}},
			{"with another parent's number", with("G20004", below("G20010")), []string{"nedlagt/nedlagt" + at, "skrivebeskyttet/placering" + at + "/daginstitutionsNummer"}},
			{"in another place", func(t *importing.Tree) {
				closed := branch(t, "G20001").Adresser[1]
				without("G20003")(t)
				under(t, "G20004", closed)
			}, []string{"nedlagt/nedlagt" + at + "/alternativeAdresser/0"}},
			{"in another tree", func(t *importing.Tree) { *t = r.tree("G20010", plus(branch(t, "G20004").Unit)) }, []string{"nedlagt/nedlagt /anvisningsenheder/0"}},
			{"twice", func(t *importing.Tree) { plus(branch(t, "G20004").Unit)(t) }, []string{
				"trae/gentaget /anvisningsenheder/2/enhedsNummer", "skrivebeskyttet/aktivitetsstatus /anvisningsenheder/2/aktivitetsstatus"}},
			{"closed again", closing("G20004"), []string{"trae/gentaget /nedlaegges/0"}},
			{"something new below it", plusBelow("G20004", adresse("", "")), []string{"foraelder-nedlagt/nedlagt" + at + "/alternativeAdresser/0 G20004"}},
		} {
			wantLines(t, c.name, showTree(r.replace(r.treeAsRead("G20000", c.edit), importing.Options{})), append([]string{"refused"}, c.want...))
		}
		wantSame(t, before, r.content())

		tree := r.treeAsRead("G20000", with("", inKommune(751)), with("G20001", named("Nyt")), plus(enhed("", "")))
		wantLines(t, "with changes", showTree(r.replace(tree, importing.Options{})),
			[]string{"changed G20000:2 (G20001:3 (G20002:2 G20003:3) G20004:3 G20022:1)"})
		r.sound()
	})
}

// TestTreeAsReadRights has what is closed come along to another municipality: whoever sends it must have the right to that, as whoever does not.
func TestTreeAsReadRights(t *testing.T) {
	for _, read := range []func(*registry, register.Number, ...func(*importing.Tree)) importing.Tree{(*registry).tree, (*registry).treeAsRead} {
		r := settled(t, 500)
		r.wantAll([]importing.Op{nedlaeg("G20003"), nedlaeg("G20002")}, importing.Changed)
		o := r.by(vendor(of(461), of(751, register.Daginstitution, register.Anvisningsenhed)))
		wantLines(t, "result", showTree(r.tryTree(read(r, "G20000", with("", inKommune(751))), o)), []string{"refused", "adgang/niveau /anvisningsenheder/0 G20002"})
		tree := read(r, "G20000", with("", inKommune(751)), without("G20002", "G20003"))
		wantLines(t, "without the addresses", showTree(r.tryTree(tree, o)), []string{"refused", "adgang/niveau /anvisningsenheder/0 G20002"})
		o = r.by(vendor(of(461, register.Daginstitution, register.Anvisningsenhed)))
		if result := r.tryTree(read(r, "G20000", with("", named("Nyt"))), o); result.Outcome != importing.Changed {
			t.Errorf("what is passed over is nobody's to write: %q", showTree(result))
		}
		r.wantAll([]importing.Op{nedlaeg("G20001")}, importing.Changed)
		tree = read(r, "G20000", with("", inKommune(751)), without("G20002", "G20003"))
		o = r.by(vendor(of(461), of(751, register.Daginstitution, register.Anvisningsenhed)))
		wantLines(t, "below what is passed over", showTree(r.tryTree(tree, o)), []string{"refused", "adgang/niveau G20002"})
	}
}

// TestTreeFixes sends a tree that is unlawful, applies each fix that is offered, and sends it again.
func TestTreeFixes(t *testing.T) {
	r := settled(t, 500)
	tree := r.tree("G20000", with("", runAs(1, 5)), with("G20001", ofType(6013)), plus(enhed("", "", ofType(6013))))
	refused := r.replace(tree, importing.Options{DryRun: true})
	fixes := 0
	for _, f := range refused.Findings {
		for _, patch := range f.Rettelser {
			fixes++
			mended := r.tree("G20000", with("", runAs(1, 5)), with("G20001", ofType(6013)), plus(enhed("", "", ofType(6013))))
			for _, step := range patch {
				*codeInTree(t, &mended, step.Path) = step.Value
			}
			passed := r.replace(mended, importing.Options{DryRun: true})
			if slices.ContainsFunc(passed.Findings, func(g validation.Finding) bool { return g.Pointer == f.Pointer && g.Rule == f.Rule }) {
				t.Errorf("%v of %s leads to: %q", patch, f.Pointer, showTree(passed))
			}
		}
	}
	if fixes == 0 {
		t.Errorf("no fixes are offered: %q", showTree(refused))
	}
}

// codeInTree gives the code that a pointer into a tree leads to.
func codeInTree(t *testing.T, tree *importing.Tree, pointer string) *int {
	var i int
	if _, err := fmt.Sscanf(pointer, "/anvisningsenheder/%d/instType3", &i); err == nil {
		return &tree.Enheder[i].Unit.InstType3
	}
	op := importing.Op{Unit: tree.Unit}
	kode := code(t, &op, pointer)
	if kode == &op.Unit.EjerformKode {
		return &tree.Unit.EjerformKode
	}
	return &tree.Unit.LovgrundlagKode
}

// TestTreeRights replaces a private institution's tree in municipality 461, as those who may and those who may not.
func TestTreeRights(t *testing.T) {
	t.Parallel()
	const d, e, a = register.Daginstitution, register.Anvisningsenhed, register.AlternativAdresse
	const kommune, niveau, form, ejer = "adgang/kommune", "adgang/niveau", "adgang/ejerform", "adgang/ejer"
	const nowhere = "adm-kommunekode/ukendtKode /admKommuneKode"
	const one, two, first = " /anvisningsenheder/0", " /anvisningsenheder/1", " /anvisningsenheder/0/alternativeAdresser/0"
	const second = " /anvisningsenheder/0/alternativeAdresser/1"
	all := func(kode string) []string { return []string{kode, kode + one, kode + first, kode + second, kode + two} }
	both := vendor(of(461), of(751))
	closesRow := plus(enhed("G20001", "", version(2)), adresse("G20002", "", version(2)))
	for _, c := range []struct {
		name string
		user access.User
		of   register.Number
		edit func(*importing.Tree)
		want []string // what stands in the way
	}{
		{"by its municipality", vendor(of(461)), "G20000", with("", named("Nyt")), nil},
		{"of another", vendor(of(751)), "G20000", with("", named("Nyt")), all(kommune)},
		{"nothing, of another", vendor(of(751)), "G20000", with(""), all(kommune)},
		{"on one level", vendor(of(461, e)), "G20000", with("G20001", named("Nyt")), []string{niveau, niveau + first, niveau + second}},
		{"by its ejerform", vendor(runBy(3)), "G20000", with("G20001", named("Nyt")), nil},
		{"by another ejerform", vendor(runBy(1)), "G20000", with("G20001", named("Nyt")), all(form)},
		{"out of one's ejerform", vendor(runBy(3)), "G20000", with("", runAs(1, 1)), all(form)},
		{"into one's ejerform", vendor(runBy(1)), "G20000", with("", runAs(1, 1)), all(form)},
		{"of either ejerform", vendor(runBy(1, 3)), "G20000", with("", runAs(1, 1)), nil},
		{"of either ejerform, the rows below of the new one alone", vendor(of(461, d), access.Grant{Kommune: 461, Ejerformer: []int{1}}), "G20000",
			with("", runAs(1, 1)), all(form)[1:]},
		{"of either ejerform, the rows below of the old one alone", vendor(of(461, d), access.Grant{Kommune: 461, Ejerformer: []int{3}}), "G20000",
			with("", runAs(1, 1)), all(form)[1:]},
		{"to another municipality", both, "G20000", with("", inKommune(751)), nil},
		{"to another's municipality", vendor(of(461)), "G20000", with("", inKommune(751)), all(kommune)},
		{"from another's municipality", vendor(of(751)), "G20000", with("", inKommune(751)), all(kommune)},
		{"closing", vendor(of(461, d, e)), "G20000", closes("G20003"), []string{niveau + first, niveau + " /nedlaegges/0"}},
		{"a move in", vendor(runBy(1, 3)), "G20010", plus(enhed("G20004", "", ofType(6012), version(1))), nil},
		{"a move in from another ejerform", vendor(runBy(1)), "G20010", plus(enhed("G20004", "", ofType(6012), version(1))), []string{form + one}},
		{"a move in with what is closed", vendor(of(461, d, e)), "G20010", plus(enhed("G20012", "", version(2))), []string{niveau + one + " G20013",
			"nedlagt/nedlagt" + one}},
		{"a new one", vendor(of(461)), "", plus(enhed("", ""), adresse("", "")), nil},
		{"a new one of another's", vendor(of(751)), "", plus(enhed("", "")), []string{kommune, kommune + one}},
		{"an owner's own", owner("G20000"), "G20000", with("G20001", named("Nyt")), nil},
		{"an owner's own, with a new unit and one that closes", owner("G20000"), "G20000", func(t *importing.Tree) {
			plus(enhed("",
				""))(t)
			closes("G20004")(t)
		}, nil},
		{"an owner's new one", owner("G20000"), "", plus(enhed("", "")), []string{ejer, ejer + one}},
		{"an owner's from another", owner("G20010"), "G20010", plus(enhed("G20004", "", ofType(6012), version(1))), []string{form, ejer + one}},
		{"an owner's, of another owner", owner("G20000"), "G20000", with("G20004", func(u *register.Unit) { u.CVRNummer = otherCVR }),
			[]string{"adgang/cvr" + two}},
		{"an owner's, to another municipality", owner("G20000"), "G20000", with("", inKommune(751)), all(kommune)},
		{"to no municipality", vendor(of(461)), "G20000", with("", inKommune(noKommune)), []string{nowhere}},
		{"to none, of another's", vendor(of(751)), "G20000", with("", inKommune(noKommune)), slices.Insert(all(kommune), 1, nowhere)},
		{"to none, on one level", vendor(of(461, d)), "G20000", with("", inKommune(noKommune)), slices.Insert(all(niveau)[1:], 0, nowhere)},
		{"to none, with a unit that moves in, a new one and one that closes", vendor(runBy(1, 3)), "G20000", func(t *importing.Tree) {
			with("", inKommune(noKommune))(t)
			plus(enhed("", ""), adresse("", ""))(t)
			closes("G20003")(t)
		}, []string{nowhere}},
		{"a move in to none", vendor(runBy(1, 3)), "G20010", func(t *importing.Tree) {
			with("", inKommune(noKommune))(t)
			plus(enhed("G20004", "", ofType(6012), version(1)))(t)
		}, []string{nowhere}},
		{"a move in to none of another's", vendor(of(461)), "G20010", func(t *importing.Tree) {
			with("", inKommune(noKommune))(t)
			plus(enhed("G20021", "", version(1)))(t)
		}, []string{nowhere, kommune + one}},
		{"a new one of none", vendor(of(461)), "", func(t *importing.Tree) {
			with("", inKommune(noKommune))(t)
			plus(enhed("", ""), adresse("", ""))(t)
		}, []string{nowhere}},
		{"an owner's, to none", owner("G20000"), "G20000", with("", inKommune(noKommune)), []string{nowhere}},
		{"an owner's new one of none", owner("G20000"), "", with("", inKommune(noKommune)), []string{ejer, nowhere}},
		{"a reader's, to none", ofRole(access.Laeser), "", with("", inKommune(noKommune)), []string{"adgang/rolle", nowhere}},
		{"a reader's", ofRole(access.Laeser), "G20000", with(""), all("adgang/rolle")},
		{"support's", ofRole(access.Support), "G20000", with("", inKommune(751)), nil},
		{"what is not there", vendor(of(461)), "G20000", closesRow, []string{"trae/gentaget /anvisningsenheder/2/enhedsNummer",
			"trae/gentaget /anvisningsenheder/2/alternativeAdresser/0/alternativAdresseNummer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := privately(t, 500)
			before := r.content()
			tree, o := r.tree(c.of, c.edit), r.by(c.user)
			if c.of == "" {
				tree.Unit.EjerformKode, tree.Unit.LovgrundlagKode = 3, 4
			}
			dry := o
			dry.DryRun = true
			foretold := treeVerdict(r.tryTree(tree, dry))
			result := r.tryTree(tree, o)
			wantLines(t, "dry run", foretold, treeVerdict(result))
			var got []string
			for _, f := range result.Findings {
				if f.Severity == validation.Fejl {
					got = append(got, strings.TrimRight(showFinding(f)+" "+string(f.Nummer), " "))
				}
			}
			wantLines(t, "findings", got, c.want)
			if (result.Outcome == importing.Refused) != (c.want != nil) {
				t.Errorf("it is %s", showTree(result))
			}
			if result.Outcome == importing.Refused {
				wantSame(t, before, r.content())
			}
			r.sound()
		})
	}
}

// TestTreeTrail has the trail remember each tree that is refused, once, and no other.
func TestTreeTrail(t *testing.T) {
	r := settled(t, 500)
	actor := register.Actor{User: "os", Version: register.V2, Address: "192.0.2.1", RequestID: "req-1", Traceparent: "00-a-b-01"}
	o := importing.Options{Actor: actor}
	for _, tree := range []importing.Tree{
		r.tree("G20000", with("", named("")), with("G20001", named("")), with("G20002", version(7))),
		r.tree("G20010", plus(enhed("G20021", "", version(1)))),
		r.tree("", with("", inKommune(751)), closing("G20004")),
		r.tree("G20020", func(t *importing.Tree) { t.Unit.DaginstitutionsNummer, t.Number = "", "G20020" }, with("", named(""))),
		{Findings: []validation.Finding{validation.UgyldigJSON.Finding("", "x", register.Text{Da: "Nej.", En: "No."})}, Number: "G20000"},
		r.tree("G20000"), r.tree("G20000", with("", named("Nyt"))),
	} {
		r.replace(tree, o)
	}
	wantLines(t, "the trail", r.trail(), []string{
		"0: os erstat daginstitution  751, trae/udenfor",
		"0: os erstat daginstitution G20000 0, ugyldig-json/x",
		"0: os erstat daginstitution G20000 461, navn/mangler foraeldet-version/andenVersion",
		"0: os erstat daginstitution G20010 461, flytning-kommune/andenKommune",
		"0: os erstat daginstitution G20020 751, navn/mangler",
	})
	for _, e := range r.entries() {
		if kept, err := validation.Decode(e.Fund); err != nil || e.Af != actor || !e.Afvist || len(kept) == 0 {
			t.Errorf("%v: the trail holds %+v", err, e)
		}
	}

	broken := &register.Error{Kind: register.Unavailable}
	r.Trail = lost{broken}
	if result := r.replace(r.tree("G20000", with("", named(""))), o); result.Err != error(broken) || result.Kind() != register.Unavailable {
		t.Errorf("without a trail: %q", showTree(result))
	}
	wantLines(t, "what is not refused", showTree(r.replace(r.tree("G20000", with("", named("Igen"))), o))[:1],
		[]string{"changed G20000:3 (G20001:1 (G20002:1 G20003:1) G20004:1)"})
}

// treeKey gives a tree an idempotency key.
func treeKey(k string, hash byte) func(*importing.Tree) {
	return func(t *importing.Tree) { t.Key, t.Hash = k, [32]byte{hash} }
}

// TestTreeIdempotency sends trees again by their keys, when much has happened since.
func TestTreeIdempotency(t *testing.T) {
	t.Parallel()
	forEngines(t, func(t *testing.T, open func(t tester) *registry) {
		r := settle(open(t))
		again := []importing.Tree{
			r.tree("G20000", with("", named("Nyt")), plus(enhed("", "", named("børnehuset g20004"), withoutPNummer), adresse("", "")), closes("G20002"),
				treeKey("change", 1)),
			r.tree("", plus(enhed("", "")), treeKey("create", 2)),
			r.tree("G20020", treeKey("nothing", 3)),
		}
		wantLines(t, "a refused one", showTree(r.replace(r.tree("G20010", with("", named("")), treeKey("refused", 4)), importing.Options{})),
			[]string{"refused", "navn/mangler /daginstitutionsNavn"})
		var first []importing.TreeResult
		for _, tree := range again {
			first = append(first, r.replace(tree, importing.Options{}))
		}
		wantLines(t, "the change", showTree(first[0]), []string{"changed G20000:2 (G20001:1 (G20003:1) G20004:1 G20022:1 (G20023:1)) -G20002:2",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/1/enhedsNavn G20022", "?p-nummer-mangler/mangler /anvisningsenheder/2/pNummer",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/2/enhedsNavn G20004"})
		r.wantAll([]importing.Op{ret(enhed("G20022", "", named("Siden"))), flyt("G20001", "G20010"), ret(daginstitution("G20020", inKommune(461)))},
			importing.Changed)

		before := r.content()
		for i, tree := range again {
			for _, o := range []importing.Options{{}, {DryRun: true}} {
				result := r.replace(tree, o)
				if !slices.Equal(result.Rows, first[i].Rows) || !slices.Equal(result.Closed, first[i].Closed) || result.Unit != first[i].Unit ||
					(result.Outcome == importing.Created) != (i == 1) || !slices.Equal(texts(result.Result), texts(first[i].Result)) {
					t.Errorf("tree %d\n first %q\n again %q", i, showTree(first[i]), showTree(result))
				}
			}
		}
		again[0].Hash = [32]byte{9}
		wantLines(t, "for something else", showTree(r.replace(again[0], importing.Options{})), []string{"refused", "genbrugt-noegle/andetIndhold"})
		wantLines(t, "for an operation", r.runLines([]importing.Op{as(opret(daginstitution("")), key("change", 5))}, importing.Options{}),
			[]string{"refused, genbrugt-noegle/andetIndhold"})
		wantSame(t, before, r.content())
		wantLines(t, "the key of a refused tree", showTree(r.replace(r.tree("G20010", treeKey("refused", 6)), importing.Options{})),
			[]string{"unchanged G20010:1 (G20001:2 (G20003:2))"})
		r.sound()
	})
}

// TestTreeAfterRevocation repeats a tree by its key once the right to it is gone.
func TestTreeAfterRevocation(t *testing.T) {
	r := settled(t, 500)
	tree := r.tree("G20000", with("", named("Nyt")), treeKey("a", 1))
	grant := of(461)
	want := []string{"changed G20000:2 (G20001:1 (G20002:1 G20003:1) G20004:1)"}
	wantLines(t, "at first", showTree(r.tryTree(tree, r.by(vendor(grant)))), want)
	grant.Tilbagekaldt = r.now
	wantLines(t, "once revoked", showTree(r.tryTree(tree, r.by(vendor(grant)))), want)
	if next := r.tryTree(r.tree("G20000"), r.by(vendor(grant))); next.Kind() != register.Forbidden {
		t.Errorf("the next one: %q", showTree(next))
	}
}

// anyTree is one that does something of everything.
func anyTree(r *registry) importing.Tree {
	return r.tree("G20010", with("", named("Nyt")), plus(enhed("G20001", "", ofType(6014), version(1)), adresse("G20002", "", version(1)),
		adresse("", "")),
		plus(enhed("", "")), closing("G20003"))
}

const anyTreeWants = "changed G20010:2 (G20001:3 (G20002:2 G20023:1) G20022:1) -G20003:3"

// TestTreeStoreFails has the store fail: nothing is written, and nothing is refused.
func TestTreeStoreFails(t *testing.T) {
	r := settled(t, 500)
	tree, before, store := anyTree(r), r.content(), r.Store
	r.Store = &failing{store, 0, &register.Error{Kind: register.Unavailable}}
	wantLines(t, "result", showTree(r.replace(tree, importing.Options{})), []string{"refused, unavailable"})
	r.Store = store
	wantSame(t, before, r.content())
	wantLines(t, "the trail", r.trail(), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := r.Replace(ctx, tree, importing.Options{Rights: access.Everything, Actor: register.Actor{Version: register.V2}})
	wantLines(t, "given up", showTree(gone), []string{"refused, unavailable"})
	wantSame(t, before, r.content())
}

// TestTreeFaults has a transaction fail that was not written, and one that was: either way the tree is there once or not at all.
func TestTreeFaults(t *testing.T) {
	t.Parallel()
	var faults dynamotest.Faults
	open := onDynamoDB(t, faults.Attach)
	for name, fault := range map[string]dynamotest.Fault{
		"failed and not written": dynamotest.Unsent, "failed but written": dynamotest.Unanswered,
		"throttled": dynamotest.Throttled, "transaction conflict": dynamotest.Contended,
	} {
		for _, k := range []string{"", "k"} {
			t.Run(strings.TrimSpace(name+" "+k), func(t *testing.T) {
				r := settle(open(t))
				tree := anyTree(r)
				treeKey(k, 1)(&tree)
				faults.Next(fault, "TransactWriteItems")
				result := r.replace(tree, importing.Options{})
				if got := showTree(result)[0]; got != anyTreeWants {
					// Numbers that a run took which came to nothing are gaps.
					if fault != dynamotest.Contended || result.Outcome != importing.Changed {
						t.Errorf("it is %s", got)
					}
				}
				after := r.sound()
				if u := after.rows["G20001"]; u.Version != 3 || u.DaginstitutionsNummer != "G20010" || u.InstType3 != 6014 {
					t.Errorf("the row is %+v", u)
				}
				if k != "" {
					wantLines(t, "again", showTree(r.replace(tree, importing.Options{})), showTree(result))
				} else if again := r.replace(tree, importing.Options{}); again.Kind() != register.Stale {
					t.Errorf("again: %q", showTree(again))
				}
				wantSame(t, after, r.content())
			})
		}
	}
}

// TestTreeRace has several callers replace a tree that all of them have read: one of them does, and the others are told that it has changed.
func TestTreeRace(t *testing.T) {
	t.Parallel()
	forEngines(t, func(t *testing.T, open func(t tester) *registry) {
		r := settle(open(t))
		var trees []importing.Tree
		for i := range 6 {
			trees = append(trees, r.tree("G20000", with("", named(fmt.Sprint("Navn ", i))), with("G20004", named(fmt.Sprint("Hus ", i))),
				plus(enhed("", "", named(fmt.Sprint("Nyt ", i)))), closes("G20002")))
		}
		var group sync.WaitGroup
		results := make([]importing.TreeResult, len(trees))
		for i, tree := range trees {
			group.Go(func() {
				results[i] = r.Replace(t.Context(), tree, importing.Options{Actor: register.Actor{Version: register.V2}, Rights: access.Everything})
			})
		}
		group.Wait()
		won := -1
		for i, result := range results {
			switch {
			case result.Outcome == importing.Changed && won < 0:
				won = i
			case result.Outcome != importing.Refused || result.Kind() != register.Stale:
				t.Errorf("caller %d, after %d: %q", i, won, showTree(result))
			}
		}
		if c := r.sound(); won < 0 || c.rows["G20000"].Navn != fmt.Sprint("Navn ", won) || c.rows["G20004"].Navn != fmt.Sprint("Hus ", won) || len(c.rows) != 12 {
			t.Errorf("caller %d won, and the register has %d rows: %+v", won, len(c.rows), c.rows["G20000"])
		}
	})
}

// TestTreeIsTooLarge has an engine that takes six changes at once, and a document with more rows than any may have.
func TestTreeIsTooLarge(t *testing.T) {
	r := settled(t, 500)
	before, store := r.content(), r.Store
	r.Store = &cramped{store, 7}
	wantLines(t, "for the engine", showTree(r.replace(anyTree(r), importing.Options{})), []string{"refused", "for-stor/transaktion"})
	many := r.tree("G20000")
	for range importing.MostRows - 5 {
		plusBelow("G20004", adresse("", ""))(&many)
	}
	plusBelow("G20004", adresse("", ""))(&many)
	r.Store = store
	wantLines(t, "for anybody", showTree(r.replace(many, importing.Options{})), []string{"refused", "for-stor/raekker"})
	wantSame(t, before, r.content())
	wantLines(t, "the trail", r.trail(), []string{"0:  erstat daginstitution G20000 0, for-stor/raekker",
		"0:  erstat daginstitution G20010 0, for-stor/transaktion"})

	r.Store = &cramped{store, 8}
	wantLines(t, "with room", showTree(r.replace(anyTree(r), importing.Options{}))[:1], []string{anyTreeWants})
	r.Store = store
	largest := r.tree("G20020")
	for i := range importing.MostRows - 2 {
		plusBelow("G20021", adresse("", "", named(fmt.Sprint(i))))(&largest)
	}
	if result := r.replace(largest, importing.Options{}); result.Outcome != importing.Changed || len(result.Rows) != importing.MostRows {
		t.Errorf("the largest tree: %q", showTree(result)[:1])
	}
	r.sound()
}

// TestLargestTreeOnDynamoDB makes the largest tree that DynamoDB writes at once, and one that is larger by a row: 100 items are 33 created
// rows of three items each and the municipality's head, and one row less where a receipt is kept.
func TestLargestTreeOnDynamoDB(t *testing.T) {
	t.Parallel()
	open := onDynamoDB(t)
	for k, most := range map[string]int{"": 33, "k": 32} {
		r := settle(open(t))
		before := r.content()
		tree := r.tree("", treeKey(k, 1))
		for i := range most - 1 {
			plus(enhed("", "", named(fmt.Sprint("Hus ", i))))(&tree)
		}
		larger := tree
		larger.Enheder = append(slices.Clone(tree.Enheder), importing.Gren{Unit: enhed("", "", named("Én for meget"))})
		wantLines(t, "too large", showTree(r.replace(larger, importing.Options{})), []string{"refused", "for-stor/transaktion"})
		wantSame(t, before, r.content())
		if result := r.replace(tree, importing.Options{}); result.Outcome != importing.Created || len(result.Rows) != most {
			t.Errorf("key %q: %q", k, showTree(result))
		}
		// Rows that stay as they are take no room.
		root := r.tree("G20020", with("", named("Nyt")))
		if result := r.replace(root, importing.Options{}); result.Outcome != importing.Changed {
			t.Errorf("another tree: %q", showTree(result))
		}
		r.sound()
	}
}
