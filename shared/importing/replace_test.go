package importing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// tree gives a daginstitution with all that is active below it as they stand, each row with its version, but for the edits. Without a
// number it is a new one.
func (r *registry) tree(n register.Number, edits ...func(*importing.Tree)) importing.Tree {
	r.Helper()
	return r.treeOf(n, func(u *register.Unit) bool { return u.Aktivitetsstatus == register.Aktiv }, edits)
}

// treeAsRead gives it with all that is closed, too.
func (r *registry) treeAsRead(n register.Number, edits ...func(*importing.Tree)) importing.Tree {
	r.Helper()
	return r.treeOf(n, func(*register.Unit) bool { return true }, edits)
}

func (r *registry) treeOf(n register.Number, has func(*register.Unit) bool, edits []func(*importing.Tree)) importing.Tree {
	r.Helper()
	t := importing.Tree{Unit: daginstitution("")}
	if n != "" {
		rows, err := r.Store.Tree(r.Context(), n)
		if err != nil {
			r.Fatal(err)
		}
		t.Unit = asSent(rows[0])
		for _, u := range rows[1:] {
			switch {
			case !has(&u):
			case u.Level == register.Anvisningsenhed:
				t.Enheder = append(t.Enheder, importing.Gren{Unit: asSent(u)})
			default:
				under(&t, u.EnhedsNummer, asSent(u))
			}
		}
	}
	for _, edit := range edits {
		edit(&t)
	}
	return t
}

// asSent gives a row as a caller that has read it would send it.
func asSent(u register.Unit) register.Unit {
	u.Position = register.Position{}
	return u
}

// under puts an alternativ adresse below an enhed of the tree.
func under(t *importing.Tree, enhed register.Number, u register.Unit) {
	g := branch(t, enhed)
	g.Adresser = append(g.Adresser, u)
}

// branch finds an enhed of the tree.
func branch(t *importing.Tree, n register.Number) *importing.Gren {
	return &t.Enheder[slices.IndexFunc(t.Enheder, func(g importing.Gren) bool { return g.Unit.EnhedsNummer == n })]
}

// The edits of trees.

// with edits a row: the daginstitution for "", else the one of that number.
func with(n register.Number, edits ...func(*register.Unit)) func(*importing.Tree) {
	return func(t *importing.Tree) {
		if n == "" {
			t.Unit = edited(t.Unit, edits)
		}
		for i := range t.Enheder {
			g := &t.Enheder[i]
			if g.Unit.EnhedsNummer == n {
				g.Unit = edited(g.Unit, edits)
			}
			for k, u := range g.Adresser {
				if u.AlternativAdresseNummer == n {
					g.Adresser[k] = edited(u, edits)
				}
			}
		}
	}
}

// plus adds an enhed with its addresses.
func plus(u register.Unit, adresser ...register.Unit) func(*importing.Tree) {
	return func(t *importing.Tree) { t.Enheder = append(t.Enheder, importing.Gren{Unit: u, Adresser: adresser}) }
}

// plusBelow adds an address below an enhed of the tree.
func plusBelow(enhed register.Number, u register.Unit) func(*importing.Tree) {
	return func(t *importing.Tree) { under(t, enhed, u) }
}

// without leaves rows out, an enhed with all that is below it.
func without(numbers ...register.Number) func(*importing.Tree) {
	return func(t *importing.Tree) {
		t.Enheder = slices.DeleteFunc(t.Enheder, func(g importing.Gren) bool { return slices.Contains(numbers, g.Unit.EnhedsNummer) })
		for i := range t.Enheder {
			t.Enheder[i].Adresser = slices.DeleteFunc(t.Enheder[i].Adresser, func(u register.Unit) bool {
				return slices.Contains(numbers, u.AlternativAdresseNummer)
			})
		}
	}
}

// closing names what is to be closed.
func closing(numbers ...register.Number) func(*importing.Tree) {
	return func(t *importing.Tree) { t.Nedlaegges = append(t.Nedlaegges, numbers...) }
}

// closes takes rows out of the tree and names them.
func closes(numbers ...register.Number) func(*importing.Tree) {
	return func(t *importing.Tree) {
		without(numbers...)(t)
		closing(numbers...)(t)
	}
}

func foundInTree(rule *validation.Rule, pointer string) func(*importing.Tree) {
	return func(t *importing.Tree) {
		t.Findings = append(t.Findings, rule.Finding(pointer, "x", register.Text{Da: "Nej.", En: "No."}))
	}
}

func version(v int64) func(*register.Unit) { return func(u *register.Unit) { u.Version = v } }

// below names the unit above a row of a tree as it is sent.
func below(n register.Number) func(*register.Unit) {
	return func(u *register.Unit) {
		if u.Level == register.Anvisningsenhed {
			u.DaginstitutionsNummer = n
		} else {
			u.EnhedsNummer = n
		}
	}
}

// replace replaces a tree with the right to everything, through v2.
func (r *registry) replace(t importing.Tree, o importing.Options) importing.TreeResult {
	r.Helper()
	o.Rights = access.Everything
	return r.tryTree(t, o)
}

// tryTree replaces a tree with the rights of the options.
func (r *registry) tryTree(t importing.Tree, o importing.Options) importing.TreeResult {
	r.Helper()
	if o.Actor.Version == 0 {
		o.Actor.Version = register.V2
	}
	return r.Replace(r.Context(), t, o)
}

// showTree writes a result down: "<outcome> <number>:<version> …" with the rows in parentheses below those above them, what was closed after
// a minus, and each finding on a line of its own.
func showTree(result importing.TreeResult) []string {
	if result.Err != nil {
		return []string{"refused, " + register.KindOf(result.Err).String()}
	}
	line := outcomes[result.Outcome]
	for i, u := range result.Rows {
		before := register.Level(0)
		if i > 0 {
			before = result.Rows[i-1].Level
		}
		if u.Level > before && i > 0 {
			line += " ("
		} else {
			line += strings.Repeat(")", int(max(before, u.Level)-u.Level)) + " "
		}
		line += fmt.Sprintf("%s:%d", u.Number(), u.Version)
	}
	if n := len(result.Rows); n > 0 {
		line += strings.Repeat(")", int(result.Rows[n-1].Level)-1)
	}
	for _, u := range result.Closed {
		line += fmt.Sprintf(" -%s:%d", u.Number(), u.Version)
	}
	lines := []string{line}
	for _, f := range result.Findings {
		lines = append(lines, strings.TrimRight(showFinding(f)+" "+string(f.Nummer), " "))
	}
	return lines
}

// treeVerdict is what a dry run can know of it: everything but issued numbers.
func treeVerdict(result importing.TreeResult) []string {
	line := outcomes[result.Outcome]
	for _, u := range slices.Concat(result.Rows, result.Closed) {
		line += fmt.Sprint(" :", u.Version)
	}
	lines := []string{line}
	for _, f := range result.Findings {
		lines = append(lines, showFinding(f))
	}
	return lines
}

// forEngines runs a test on either engine; open gives it empty registries.
func forEngines(t *testing.T, test func(t *testing.T, open func(t tester) *registry)) {
	t.Run("boltstore", func(t *testing.T) { test(t, func(t tester) *registry { return newRegistry(t, 500) }) })
	t.Run("dynamostore", func(t *testing.T) { test(t, onDynamoDB(t)) })
}

// TestTrees does to the settled register what a whole tree may do, with every refusal, in either engine. Each case is judged in a dry run
// first.
func TestTrees(t *testing.T) {
	t.Parallel()
	forEngines(t, func(t *testing.T, open func(t tester) *registry) {
		for _, c := range trees {
			t.Run(c.name, func(t *testing.T) {
				r := settle(open(t))
				tree, before := r.tree(c.of, c.edits...), r.content()
				dry := r.replace(tree, importing.Options{DryRun: true})
				wantSame(t, before, r.content())
				wantLines(t, "the trail of a dry run", r.trail(), nil)
				result := r.replace(tree, importing.Options{})
				wantLines(t, "dry run", treeVerdict(dry), treeVerdict(result))
				wantLines(t, "result", showTree(result), c.want)
				if result.Outcome == importing.Refused || result.Outcome == importing.Unchanged {
					wantSame(t, before, r.content())
				}
				r.sound()
			})
		}
	})
}

type edits = []func(*importing.Tree)

const stands = "G20000:1 (G20001:1 (G20002:1 G20003:1) G20004:1)"

// trees are the cases of TestTrees: what is done to which tree, and what comes of it.
var trees = []struct {
	name  string
	of    register.Number
	edits edits
	want  []string
}{
	{"nothing", "G20000", nil, []string{"unchanged " + stands}},
	{"a new one", "", nil, []string{"created G20022:1"}},
	{"a new one with all below it", "", edits{plus(enhed("", ""), adresse("", ""), adresse("", "")), plus(enhed("", ""), adresse("", ""))},
		[]string{"created G20022:1 (G20023:1 (G20025:1 G20026:1) G20024:1 (G20027:1))",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/0/enhedsNavn G20024",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/0/alternativeAdresser/0/alternativAdresseNavn G20026",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/0/alternativeAdresser/0/alternativAdresseNavn G20027",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/0/alternativeAdresser/1/alternativAdresseNavn G20025",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/0/alternativeAdresser/1/alternativAdresseNavn G20027",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/1/enhedsNavn G20023",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/1/alternativeAdresser/0/alternativAdresseNavn G20025",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/1/alternativeAdresser/0/alternativAdresseNavn G20026"}},
	{"a new one of units that are there", "", edits{plus(enhed("G20004", "", ofType(6012), version(1))), plus(enhed("", ""), adresse("G20002", "",
		version(1)))},
		[]string{"created G20022:1 (G20004:2 G20023:1 (G20002:2))"}},
	{"changes on every level", "G20000", edits{with("", named("Nyt")), with("G20001", named("Nyt")), with("G20003", named("Nyt"))},
		[]string{"changed G20000:2 (G20001:2 (G20002:1 G20003:2) G20004:1)"}},
	{"new rows on either level", "G20000", edits{plusBelow("G20004", adresse("", "", named("Ny"))), plus(enhed("", "", withoutPNummer), adresse("",
		""))},
		[]string{"changed G20000:1 (G20001:1 (G20002:1 G20003:1) G20004:1 (G20023:1) G20022:1 (G20024:1))",
			"?p-nummer-mangler/mangler /anvisningsenheder/2/pNummer"}},
	{"the law and what stands under it", "G20000", edits{with("", runAs(1, 5)), with("G20001", ofType(6013)), with("G20004", ofType(6013))},
		[]string{"changed G20000:2 (G20001:2 (G20002:1 G20003:1) G20004:2)"}},
	{"the law alone", "G20000", edits{with("", runAs(1, 5)), with("G20001", ofType(6013))},
		[]string{"refused", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20004",
			"krydsvalidering/ulovligType /anvisningsenheder/1/instType3 G20000"}},
	{"an unlawful pair", "G20000", edits{with("", runAs(2, 5)), without("G20004"), closing("G20004")},
		[]string{"refused", "krydsvalidering/ulovligtPar /lovgrundlagKode", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20001",
			"krydsvalidering/ulovligDaginstitution /anvisningsenheder/0/instType3 G20000"}},
	{"an unlawful new unit", "G20000", edits{plus(enhed("", "", ofType(6021)))},
		[]string{"refused", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode #/anvisningsenheder/2",
			"krydsvalidering/ulovligType /anvisningsenheder/2/instType3 G20000"}},
	{"the law, where what is in its way closes", "G20000", edits{with("", runAs(1, 5)), with("G20001", ofType(6013)), closes("G20004")},
		[]string{"changed G20000:2 (G20001:2 (G20002:1 G20003:1)) -G20004:2"}},

	{"a move in, with addresses", "G20010", edits{plus(enhed("G20001", "", version(1)), adresse("G20002", "", version(1)), adresse("G20003", "",
		version(1)))},
		[]string{"changed G20010:1 (G20001:2 (G20002:2 G20003:2))"}},
	{"a move in and a change", "G20010", edits{plus(enhed("G20004", "", ofType(6014), version(1)))}, []string{"changed G20010:1 (G20004:3)"}},
	{"a move to where only the change is lawful", "G20010", edits{with("", runAs(1, 5)), plus(enhed("G20004", "", ofType(6013), version(1)))},
		[]string{"changed G20010:2 (G20004:3)"}},
	{"a move to where it is unlawful", "G20010", edits{with("", runAs(1, 5)), plus(enhed("G20004", "", ofType(6012), version(1)))},
		[]string{"refused", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20004",
			"krydsvalidering/ulovligType /anvisningsenheder/0/instType3 G20010"}},
	{"a move in without its addresses", "G20010", edits{plus(enhed("G20001", "", version(1)), adresse("G20003", "", version(1)))},
		[]string{"refused", "udeladt/udeladt /anvisningsenheder/0/alternativeAdresser G20002"}},
	{"a move in that closes an address", "G20010", edits{plus(enhed("G20001", "", version(1)), adresse("G20003", "", version(1))), closing("G20002")},
		[]string{"changed G20010:1 (G20001:2 (G20003:2)) -G20002:3"}},
	{"an address within the tree", "G20000", edits{without("G20002"), plusBelow("G20004", adresse("G20002", "", named("Nyt"), version(1)))},
		[]string{"changed G20000:1 (G20001:1 (G20003:1) G20004:1 (G20002:3))"}},
	{"an address from elsewhere", "G20010", edits{plus(enhed("", ""), adresse("G20002", "", version(1)))},
		[]string{"changed G20010:1 (G20022:1 (G20002:2))"}},
	{"an address of a unit that moves in, to another one", "G20010",
		edits{plus(enhed("G20001", "", version(1)), adresse("G20002", "", version(1))), plus(enhed("", "", named("Ny")), adresse("G20003", "",
			version(1)))},
		[]string{"changed G20010:1 (G20001:2 (G20002:2) G20022:1 (G20003:3))"}},
	{"from another municipality", "G20010", edits{plus(enhed("G20021", "", version(1)))},
		[]string{"refused", "flytning-kommune/andenKommune /anvisningsenheder/0 G20010"}},
	{"to another municipality", "G20000", edits{with("", inKommune(751)), closes("G20003"), plus(enhed("G20021", "", version(1))), plus(enhed("", ""))},
		[]string{"changed G20000:2 (G20001:2 (G20002:2) G20004:2 G20021:2 G20022:1) -G20003:3"}},
	{"to another municipality, where an address moves", "G20000",
		edits{with("", inKommune(751)), without("G20002"), plusBelow("G20004", adresse("G20002", "", version(1)))},
		[]string{"changed G20000:2 (G20001:2 (G20003:2) G20004:2 (G20002:3))"}},
	{"to another municipality, with a unit of the one before", "G20010", edits{with("", inKommune(751)), plus(enhed("G20004", "", ofType(6012),
		version(1)))},
		[]string{"refused", "flytning-kommune/andenKommune /anvisningsenheder/0 G20010"}},
	{"to another municipality, with a unit of that one", "G20020", edits{with("", inKommune(461)), plus(enhed("G20004", "", ofType(6012), version(1)))},
		[]string{"changed G20020:2 (G20021:2 G20004:2)"}},

	{"closed on the lowest level", "G20000", edits{closes("G20002", "G20003")}, []string{"changed G20000:1 (G20001:1 G20004:1) -G20002:2 -G20003:2"}},
	{"closed with all below it, in any order", "G20000", edits{closes("G20001"), closing("G20002", "G20003")},
		[]string{"changed G20000:1 (G20004:1) -G20001:2 -G20002:2 -G20003:2"}},
	{"closed, and an address stays elsewhere", "G20000", edits{closes("G20001"), closing("G20002"), plusBelow("G20004", adresse("G20003", "",
		version(1)))},
		[]string{"changed G20000:1 (G20004:1 (G20003:2)) -G20001:2 -G20002:2"}},
	{"closed without what is below it", "G20000", edits{closes("G20001"), closing("G20003")},
		[]string{"refused", "udeladt/udeladt /nedlaegges G20002", "aktive-underenheder/aktiv /nedlaegges/0 G20002"}},
	{"everything below", "G20000", edits{closes("G20001", "G20004"), closing("G20002", "G20003")},
		[]string{"changed G20000:1 -G20001:2 -G20004:2 -G20002:2 -G20003:2"}},
	{"what is closed already", "G20011", edits{closing("G20012")},
		[]string{"refused", "nedlagt/alleredeNedlagt /nedlaegges/0"}},
	{"what stands elsewhere, what is not there, and no numbers", "G20000", edits{closing("G20010", "G20021", "G29999", "x",
		"#/anvisningsenheder/0", "")},
		[]string{"refused", "trae/udenfor /nedlaegges/0", "trae/udenfor /nedlaegges/1", "ukendt-nummer/findesIkke /nedlaegges/2",
			"ukendt-nummer/findesIkke /nedlaegges/3", "ukendt-nummer/findesIkke /nedlaegges/4", "nummer/mangler /nedlaegges/5"}},
	{"from under a new one", "", edits{closing("G20004")}, []string{"refused", "trae/udenfor /nedlaegges/0"}},

	{"forgotten", "G20000", edits{without("G20001", "G20004")},
		[]string{"refused", "udeladt/udeladt /anvisningsenheder G20001", "udeladt/udeladt /anvisningsenheder G20002",
			"udeladt/udeladt /anvisningsenheder G20003", "udeladt/udeladt /anvisningsenheder G20004"}},
	{"forgotten below a unit", "G20000", edits{without("G20002")}, []string{"refused",
		"udeladt/udeladt /anvisningsenheder/0/alternativeAdresser G20002"}},
	{"twice", "G20000", edits{plus(enhed("G20004", "", named("A"))), plusBelow("G20004", adresse("G20002", "", named("B"))), closing("G20001",
		"G20003", "G20000", "G20003")},
		[]string{"refused", "trae/gentaget /anvisningsenheder/1/alternativeAdresser/0/alternativAdresseNummer",
			"trae/gentaget /anvisningsenheder/2/enhedsNummer",
			"trae/gentaget /nedlaegges/0", "trae/gentaget /nedlaegges/1", "trae/gentaget /nedlaegges/2", "trae/gentaget /nedlaegges/3"}},
	{"on the wrong level", "G20000", edits{plus(enhed("G20002", "", version(1)), adresse("G20010", "", version(1)))},
		[]string{"refused", "trae/gentaget /anvisningsenheder/2/enhedsNummer", "ukendt-nummer/findesIkke /anvisningsenheder/2/alternativeAdresser/0"}},
	{"closed ones", "G20000", edits{plus(enhed("G20012", "", version(2)), adresse("G20013", "", version(2)), adresse("", ""))},
		[]string{"refused", "nedlagt/nedlagt /anvisningsenheder/2", "nedlagt/nedlagt /anvisningsenheder/2/alternativeAdresser/0",
			"foraelder-nedlagt/nedlagt /anvisningsenheder/2/alternativeAdresser/1 G20012"}},
	{"below a closed one", "G20011", edits{plus(enhed("", ""), adresse("G20002", "", version(1))), plus(enhed("G20004", "", ofType(6012), version(1)))},
		[]string{"refused", "foraelder-nedlagt/nedlagt /anvisningsenheder/0 G20011", "foraelder-nedlagt/nedlagt /anvisningsenheder/1 G20011"}},
	{"a closed one, changed", "G20011", edits{with("", named("Nyt"))}, []string{"refused", "nedlagt/nedlagt"}},
	{"numbers that nothing has", "G20000", edits{plus(enhed("G29999", "", named("")), adresse("x", "", named(""))), plusBelow("G20004",
		adresse("#daginstitution", ""))},
		[]string{"refused", "ukendt-nummer/findesIkke /anvisningsenheder/1/alternativeAdresser/0", "ukendt-nummer/findesIkke /anvisningsenheder/2",
			"navn/mangler /anvisningsenheder/2/enhedsNavn", "ukendt-nummer/findesIkke /anvisningsenheder/2/alternativeAdresser/0",
			"navn/mangler /anvisningsenheder/2/alternativeAdresser/0/alternativAdresseNavn"}},
	{"a reserved number, or one ahead", "G20000", edits{plus(enhed("G20022", ""))}, []string{"refused",
		"ukendt-nummer/findesIkke /anvisningsenheder/2"}},

	{"a code that cannot be", "G20000", edits{with("G20001", ofType(7)), with("G20004", ofType(6013))},
		[]string{"refused", "krydsvalidering/ulovligUnderenhed /lovgrundlagKode G20004", "insttype3/ukendtKode /anvisningsenheder/0/instType3",
			"krydsvalidering/ulovligType /anvisningsenheder/1/instType3 G20000"}},
	{"no versions", "G20000", edits{with("", version(0)), with("G20001", version(0)), with("G20002", version(0))},
		[]string{"refused", "mangler-if-match/mangler /version", "mangler-if-match/mangler /anvisningsenheder/0/version",
			"mangler-if-match/mangler /anvisningsenheder/0/alternativeAdresser/0/version"}},
	{"other versions", "G20000", edits{with("", version(7)), with("G20001", version(-1)), with("G20004", named("Nyt"), version(2))},
		[]string{"refused", "foraeldet-version/andenVersion /version", "foraeldet-version/andenVersion /anvisningsenheder/0/version",
			"foraeldet-version/andenVersion /anvisningsenheder/1/version"}},
	{"the version beside it", "G20000", edits{with("", version(0)), func(t *importing.Tree) { t.Expect = []int64{3, 1} }},
		[]string{"unchanged " + stands}},
	{"another version beside it", "G20000", edits{func(t *importing.Tree) { t.Expect = []int64{3} }}, []string{"refused",
		"foraeldet-version/andenVersion /version"}},

	{"versions of rows without a number", "", edits{with("", version(3)), plus(enhed("", "", version(1)), adresse("", "", version(-1)), adresse("", "", named("Ny")))},
		[]string{"refused", "nummer/mangler /daginstitutionsNummer", "nummer/mangler /anvisningsenheder/0/enhedsNummer",
			"nummer/mangler /anvisningsenheder/0/alternativeAdresser/0/alternativAdresseNummer"}},
	{"a version beside what has no number", "", edits{func(t *importing.Tree) { t.Expect = []int64{1} }},
		[]string{"refused", "nummer/mangler /daginstitutionsNummer"}},
	{"a version of a row that is there, without its number", "G20000", edits{with("G20004", func(u *register.Unit) { u.EnhedsNummer = "" })},
		[]string{"refused", "udeladt/udeladt /anvisningsenheder G20004", "nummer/mangler /anvisningsenheder/1/enhedsNummer",
			"?mulig-dublet/sammeNavnOgAdresse /anvisningsenheder/1/enhedsNavn G20004"}},
	{"a version with a number that could not be read", "", edits{plus(enhed("", "", version(1))), foundInTree(validation.ForkertType,
		"/anvisningsenheder/0/enhedsNummer")}, []string{"refused", "forkert-type/x /anvisningsenheder/0/enhedsNummer"}},

	{"to no municipality, with all that comes along", "G20010", edits{with("", inKommune(noKommune)), plus(enhed("G20004", "", ofType(6012), version(1))),
		plus(enhed("G20021", "", version(1)), adresse("", ""))}, []string{"refused", "adm-kommunekode/ukendtKode /admKommuneKode"}},

	{"the parents' numbers", "G20000", edits{with("G20001", below("G20000")), with("G20002", below("G20001")), plus(enhed("", "G20000"))},
		[]string{"changed G20000:1 (G20001:1 (G20002:1 G20003:1) G20004:1 G20022:1)"}},
	{"the parent that a unit moves from", "G20010", edits{plus(enhed("G20004", "G20000", ofType(6012), version(1)))},
		[]string{"changed G20010:1 (G20004:2)"}},
	{"other parents' numbers", "G20000", edits{with("G20001", below("G20010")), with("G20002", below("G20004")), plus(enhed("", "G20010"),
		adresse("", "G20001"))},
		[]string{"refused", "skrivebeskyttet/placering /anvisningsenheder/0/daginstitutionsNummer",
			"skrivebeskyttet/placering /anvisningsenheder/0/alternativeAdresser/0/enhedsNummer",
			"skrivebeskyttet/placering /anvisningsenheder/2/daginstitutionsNummer",
			"skrivebeskyttet/placering /anvisningsenheder/2/alternativeAdresser/0/enhedsNummer"}},
	{"a status", "G20000", edits{with("", withStatus(register.Nedlagt)), with("G20004", withStatus(register.Nedlagt))},
		[]string{"refused", "skrivebeskyttet/aktivitetsstatus /aktivitetsstatus",
			"skrivebeskyttet/aktivitetsstatus /anvisningsenheder/1/aktivitetsstatus"}},
	{"the number beside it", "G20000", edits{func(t *importing.Tree) { t.Number = "G20000" }}, []string{"unchanged " + stands}},
	{"another number beside it", "G20000", edits{func(t *importing.Tree) { t.Number = "G20010" }},
		[]string{"refused", "skrivebeskyttet/nummer /daginstitutionsNummer"}},
	{"a number that nothing has beside it", "", edits{func(t *importing.Tree) { t.Number = "G29999" }, plus(enhed("", "", named("")))},
		[]string{"refused", "ukendt-nummer/findesIkke", "navn/mangler /anvisningsenheder/0/enhedsNavn"}},
	{"an enhed's number beside it", "", edits{func(t *importing.Tree) { t.Number = "G20001" }}, []string{"refused", "ukendt-nummer/findesIkke"}},

	{"all that is wrong", "G20000", edits{with("", named(" "), runAs(1, 77)), with("G20002", func(u *register.Unit) { u.Adresse.PostNummer = "52" }),
		with("G20004", func(u *register.Unit) { u.Email = "x" }), plus(enhed("", "", named("")), adresse("", ""), adresse("", "",
			func(u *register.Unit) { u.Adresse.HusNummer = "" })),
		closing("G29999"), foundInTree(validation.UkendtFelt, "/anvisningsenheder/0/x")},
		[]string{"refused", "ukendt-felt/x /anvisningsenheder/0/x", "navn/mangler /daginstitutionsNavn", "lovgrundlag/ukendtKode /lovgrundlagKode",
			"postnummer/format /anvisningsenheder/0/alternativeAdresser/0/adresse/postNummer", "email/format /anvisningsenheder/1/email",
			"navn/mangler /anvisningsenheder/2/enhedsNavn", "husnummer/mangler /anvisningsenheder/2/alternativeAdresser/1/adresse/husNummer",
			"ukendt-nummer/findesIkke /nedlaegges/0"}},
	{"what could not be read", "G20000", edits{with("", named("")), with("G20001", func(u *register.Unit) { u.InstType3 = 0 }),
		plusBelow("G20004", register.Unit{}), foundInTree(validation.ForkertType, "/daginstitutionsNavn"), foundInTree(validation.ForkertType,
			"/anvisningsenheder/0/instType3"),
		foundInTree(validation.ForkertType, "/anvisningsenheder/1/alternativeAdresser/0"), without("G20003")},
		[]string{"refused", "forkert-type/x /daginstitutionsNavn", "forkert-type/x /anvisningsenheder/0/instType3",
			"forkert-type/x /anvisningsenheder/1/alternativeAdresser/0"}},
	{"what could not be read at all", "G20000", edits{with("", named("")), foundInTree(validation.UgyldigJSON, "/anvisningsenheder/0")},
		[]string{"refused", "ugyldig-json/x /anvisningsenheder/0"}},
}
