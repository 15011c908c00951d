package xsd

import (
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/xmltree"
)

// member is a child of an element that may stand in it.
type member struct {
	at       *xmltree.Element
	where    *place
	particle int // which of the content's it is
}

// content checks the children of an element.
func (c *checking) content(at *xmltree.Element, content *content, where *place, wrong *string) {
	members, found := c.members(at, content, where, wrong)
	for i := range content.particles {
		if p := &content.particles[i]; !found[i] && !p.optional {
			c.add(at, where.below(p.name.Local), Mangler, fmt.Sprintf("%s mangler.", p.name.Local), fmt.Sprintf("%s is missing.", p.name.Local))
		}
	}
	c.order(content, members)
}

// members finds the children that may stand in an element, checks each, and notes the others. It gives those whose order counts, which
// are not those that stand there once too often, and which of the content's particles there are.
func (c *checking) members(at *xmltree.Element, content *content, where *place, wrong *string) (members []member, found []bool) {
	particles := make(map[string]int, len(content.particles))
	for i := range content.particles {
		particles[content.particles[i].name.Local] = i
	}
	found = make([]bool, len(content.particles))
	for i, there := range where.each(at.Children) {
		child := at.Children[i]
		place, known := particles[child.Name.Local]
		if !known {
			c.unknown(at, content, child, there)
			continue
		}
		p := &content.particles[place]
		if found[place] && !p.many {
			c.add(child, there, ForMange,
				fmt.Sprintf("%s står her mere end én gang.", p.name.Local), fmt.Sprintf("%s stands here more than once.", p.name.Local))
		} else {
			members = append(members, member{child, there, place})
		}
		found[place] = true
		c.member(child, p.element, there, wrong)
	}
	return members, found
}

// member checks a child by the declaration of its name, in whatever namespace it stands.
func (c *checking) member(child *xmltree.Element, declared *element, there *place, wrong *string) {
	if space := &child.Name.Space; *space != declared.name.Space && (wrong == nil || *wrong != *space) {
		c.misplaced(child, declared, there)
		wrong = space
	}
	c.element(child, declared, there, wrong)
}

// unknown notes an element that may not stand here. What is in it is not looked at.
func (c *checking) unknown(at *xmltree.Element, content *content, child *xmltree.Element, there *place) {
	if c.more {
		return
	}
	da, en := "her skal intet stå", "there must be nothing here"
	if len(content.particles) > 0 {
		names := make([]string, len(content.particles))
		for i := range names {
			names[i] = content.particles[i].name.Local
		}
		da, en = "her er "+strings.Join(names, ", "), "there are "+strings.Join(names, ", ")
	}
	c.add(child, there, UkendtElement, fmt.Sprintf("Elementet %s findes ikke i %s; %s.", child.Name.Local, at.Name.Local, da),
		fmt.Sprintf("There is no element %s in %s; %s.", child.Name.Local, at.Name.Local, en))
}

// misplaced notes an element of the right name in the wrong namespace.
func (c *checking) misplaced(at *xmltree.Element, declared *element, where *place) {
	da, en := fmt.Sprintf("navnerummet »%s«", register.Shown(at.Name.Space)), fmt.Sprintf("the namespace “%s”", register.Shown(at.Name.Space))
	if at.Name.Space == "" {
		da, en = "intet navnerum", "no namespace"
	}
	c.add(at, where, ForkertNavnerum, fmt.Sprintf("%s står i %s; det skal stå i »%s«.", at.Name.Local, da, declared.name.Space),
		fmt.Sprintf("%s stands in %s; it must stand in “%s”.", at.Name.Local, en, declared.name.Space))
}

// order notes the fewest members without which the others stand in order: those that a longest subsequence leaves out which never
// goes back.
func (c *checking) order(content *content, members []member) {
	if slices.IsSortedFunc(members, func(a, b member) int { return a.particle - b.particle }) {
		return
	}
	var tails []int // of the subsequences of each length, the member that the one with the lowest end ends with
	before := make([]int, len(members))
	for i := range members {
		n, _ := slices.BinarySearchFunc(tails, members[i].particle+1, func(tail, after int) int { return members[tail].particle - after })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	kept, inOrder := make([]bool, len(members)), make([]bool, len(content.particles))
	for i := tails[len(tails)-1]; i >= 0; i = before[i] {
		kept[i], inOrder[members[i].particle] = true, true
	}
	for i, m := range members {
		if !kept[i] {
			c.astray(content, m, inOrder)
		}
	}
}

// astray notes a member that stands in the wrong place, and names one that it should stand beside, of those that are in order.
func (c *checking) astray(content *content, m member, inOrder []bool) {
	da, en, beside := "efter", "after", m.particle-1
	for beside >= 0 && !inOrder[beside] {
		beside--
	}
	if beside < 0 {
		da, en, beside = "før", "before", m.particle+1+slices.Index(inOrder[m.particle+1:], true)
	}
	c.add(m.at, m.where, ForkertRaekkefoelge, fmt.Sprintf("%s skal stå %s %s.", m.at.Name.Local, da, content.particles[beside].name.Local),
		fmt.Sprintf("%s must stand %s %s.", m.at.Name.Local, en, content.particles[beside].name.Local))
}
