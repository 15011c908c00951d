package xsd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// instanceSpace is the namespace of xsi:nil and its like.
const instanceSpace = "http://www.w3.org/2001/XMLSchema-instance"

// Check gives all that is wrong with a document, whose root must be one of the schema's global elements, in the order of the document. Where
// there are more than [MaxFaults], the last one is FlereFejl. A sound document has none.
func (s *Schema) Check(doc *xmltree.Element) []Fault {
	c := &checking{}
	root := &place{name: doc.Name.Local}
	if declared, ok := s.elements[doc.Name]; ok {
		c.element(doc, declared, root, nil)
	} else if declared := s.named(doc.Name.Local); declared != nil {
		c.misplaced(doc, declared, root)
		c.element(doc, declared, root, &doc.Name.Space)
	} else {
		roots := strings.Join(s.roots(), ", ")
		c.add(doc, root, UkendtRod, fmt.Sprintf("Skemaet har intet dokument %s; det har %s.", doc.Name.Local, roots),
			fmt.Sprintf("The schema has no document %s; it has %s.", doc.Name.Local, roots))
	}
	return c.sorted()
}

// roots gives the names of all documents.
func (s *Schema) roots() (names []string) {
	for name := range s.elements {
		names = append(names, name.Local)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// named gives the global element of a name in any namespace, the first by namespace.
func (s *Schema) named(local string) (found *element) {
	for name, e := range s.elements {
		if name.Local == local && (found == nil || name.Space < found.name.Space) {
			found = e
		}
	}
	return found
}

// checking gathers the faults of one document.
type checking struct {
	faults []Fault
	more   bool // there are more than are kept
}

// place is where an element stands.
type place struct {
	above *place
	name  string
	index int // among its siblings of that name, from 1; 0 where it has none
}

// below gives the place of an only child.
func (p *place) below(name string) *place { return &place{above: p, name: name} }

// each gives the places of all children.
func (p *place) each(children []*xmltree.Element) []*place {
	places, total := make([]*place, len(children)), make(map[string]int)
	for i, child := range children {
		total[child.Name.Local]++
		places[i] = &place{p, child.Name.Local, total[child.Name.Local]}
	}
	for _, place := range places {
		if total[place.name] == 1 {
			place.index = 0
		}
	}
	return places
}

func (p *place) String() string {
	path := ""
	for ; p != nil; p = p.above {
		step := "/" + p.name
		if p.index > 0 {
			step += fmt.Sprintf("[%d]", p.index)
		}
		path = step + path
	}
	return path
}

// add notes a fault of an element.
func (c *checking) add(at *xmltree.Element, where *place, kode, da, en string) {
	c.addAt(at.Line, at.Column, where, kode, da, en)
}

// addText notes a fault of an element's text, which is where that begins, or where the element does if it is white space alone.
func (c *checking) addText(at *xmltree.Element, where *place, kode, da, en string) {
	if at.TextLine == 0 {
		c.add(at, where, kode, da, en)
		return
	}
	c.addAt(at.TextLine, at.TextColumn, where, kode, da, en)
}

func (c *checking) addAt(line, column int, where *place, kode, da, en string) {
	if len(c.faults) == MaxFaults-1 {
		c.more = true
		return
	}
	c.faults = append(c.faults, Fault{kode, line, column, where.String(), register.Text{Da: da, En: en}})
}

// sorted gives the faults in the order of the document.
func (c *checking) sorted() []Fault {
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	if c.more {
		last := c.faults[len(c.faults)-1]
		last.Kode, last.Tekst = FlereFejl, register.Text{Da: "Der er flere fejl end dem, der står her.", En: "There are more errors than stand here."}
		c.faults = append(c.faults, last)
	}
	return c.faults
}

// element checks an element by its declaration. wrong is a namespace, if any, that stands for the right one here, for it has been noted.
func (c *checking) element(at *xmltree.Element, declared *element, where *place, wrong *string) {
	if c.more || c.attributes(at, declared, where) {
		return
	}
	switch {
	case declared.content == nil:
		c.value(at, declared, where)
	case len(declared.content.particles) == 0:
		if at.Mixed || len(at.Children) == 0 && at.Text != "" {
			c.addText(at, where, SkalVaereTom, fmt.Sprintf("%s skal være tom; her står tekst eller mellemrum.", at.Name.Local),
				fmt.Sprintf("%s must be empty; there is text or white space here.", at.Name.Local))
		}
		c.content(at, declared.content, where, wrong)
	default:
		if at.Mixed || len(at.Children) == 0 && !blank(at.Text) {
			text := register.Shown(collapse.apply(at.Text))
			c.addText(at, where, KunElementer, fmt.Sprintf("%s indeholder elementer og ingen tekst; her står »%s«.", at.Name.Local, text),
				fmt.Sprintf("%s holds elements and no text; here is “%s”.", at.Name.Local, text))
		}
		c.content(at, declared.content, where, wrong)
	}
}

// blank tells whether s is white space alone.
func blank(s string) bool { return strings.Trim(s, " \t\n\r") == "" }

// attributes checks those of an element, of which a schema declares none. null tells that the element says, and may say, that it has no value.
func (c *checking) attributes(at *xmltree.Element, declared *element, where *place) (null bool) {
	for _, a := range at.Attrs {
		there := where.below("@" + a.Name.Local)
		switch {
		case a.Name.Space != instanceSpace:
			c.unknownAttribute(at, there, a)
		case a.Name.Local == "schemaLocation", a.Name.Local == "noNamespaceSchemaLocation":
		case a.Name.Local == "type":
			c.add(at, there, XsiType, "xsi:type bruges ikke her: typen står i skemaet.", "xsi:type is not used here: the type stands in the schema.")
		case a.Name.Local == "nil":
			null = c.null(at, declared, there, collapse.apply(a.Value))
		default:
			c.unknownAttribute(at, there, a)
		}
	}
	return null
}

func (c *checking) unknownAttribute(at *xmltree.Element, there *place, a xmltree.Attr) {
	c.add(at, there, UkendtAttribut, fmt.Sprintf("%s har ingen attribut %s.", at.Name.Local, a.Name.Local),
		fmt.Sprintf("%s has no attribute %s.", at.Name.Local, a.Name.Local))
}

// null checks xsi:nil, and tells whether it says rightly that the element has no value.
func (c *checking) null(at *xmltree.Element, declared *element, there *place, value string) bool {
	yes := value == "true" || value == "1"
	switch {
	case !declared.nillable:
		c.add(at, there, Nil, fmt.Sprintf("%s kan ikke have xsi:nil; udelad elementet.", at.Name.Local),
			fmt.Sprintf("%s cannot have xsi:nil; leave the element out.", at.Name.Local))
	case !yes && value != "false" && value != "0":
		c.add(at, there, Nil, "xsi:nil er true eller false.", "xsi:nil is true or false.")
	case yes && (at.Text != "" || len(at.Children) > 0):
		c.add(at, there, Nil, fmt.Sprintf("%s har xsi:nil og må da intet indeholde.", at.Name.Local),
			fmt.Sprintf("%s has xsi:nil and then must hold nothing.", at.Name.Local))
	}
	return yes
}

// value checks an element that holds a value.
func (c *checking) value(at *xmltree.Element, declared *element, where *place) {
	for i, there := range where.each(at.Children) {
		child := at.Children[i]
		c.add(child, there, UkendtElement, fmt.Sprintf("%s indeholder tekst alene, ikke elementet %s.", at.Name.Local, child.Name.Local),
			fmt.Sprintf("%s holds text alone, not the element %s.", at.Name.Local, child.Name.Local))
	}
	if len(at.Children) > 0 {
		return
	}
	if v, fault := declared.value.check(at.Text); fault != "" {
		said := declared.value.says(at.Name.Local, v.lexical, fault)
		c.add(at, where, fault, said.Da, said.En)
	}
}
