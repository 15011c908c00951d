package access_test

import (
	"crypto/sha256"
	"encoding/base64"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
)

func TestNewSecret(t *testing.T) {
	expires := now.Add(time.Hour)
	texts, ids := make(map[string]bool), make(map[string]bool)
	for range 1000 {
		text, kept := access.NewSecret(now, expires)
		random, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(random) != 256/8 {
			t.Fatalf("%q holds %d bytes: %v", text, len(random), err)
		}
		if kept.Hash != sha256.Sum256([]byte(text)) || kept.ID == "" || strings.Contains(text, kept.ID) || kept.Oprettet != now || kept.Udloeber != expires {
			t.Fatalf("of %q is kept %+v", text, kept)
		}
		texts[text], ids[kept.ID] = true, true
	}
	if len(texts) < 1000 || len(ids) < 1000 {
		t.Errorf("1000 secrets have %d texts and %d ids", len(texts), len(ids))
	}
}

// TestHashesAreComparedInConstantTime finds what the package does with a hash of a secret: nothing but to hold it against another by
// crypto/subtle, in one place.
func TestHashesAreComparedInConstantTime(t *testing.T) {
	files := parse(t)
	hashes, comparisons := 0, 0
	for _, file := range files {
		inside := make(map[ast.Node]bool) // what stands within a call of ConstantTimeCompare
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && called(call) == "subtle.ConstantTimeCompare" {
				comparisons++
				ast.Inspect(call, func(n ast.Node) bool { inside[n] = true; return true })
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Hash" {
				hashes++
				if !inside[n] {
					t.Errorf("a hash is used outside of a comparison in constant time")
				}
			}
			return true
		})
	}
	if hashes != 1 || comparisons != 1 {
		t.Errorf("%d hashes and %d comparisons", hashes, comparisons)
	}
}

// TestVerifyDoesTheSameWork holds that the comparisons are made as often whoever the user is, and whatever came of the one before: the
// loop goes to MostSecrets, nothing leaves it early, and the comparison is made on each round, under no condition.
func TestVerifyDoesTheSameWork(t *testing.T) {
	var verify *ast.FuncDecl
	for _, file := range parse(t) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "verify" {
				verify = f
			}
		}
	}
	if verify == nil {
		t.Fatal("there is no verify")
	}
	var loop *ast.RangeStmt
	for _, statement := range verify.Body.List {
		if r, ok := statement.(*ast.RangeStmt); ok {
			loop = r
		}
	}
	if loop == nil {
		t.Fatal("verify has no loop")
	}
	if limit, ok := loop.X.(*ast.Ident); !ok || limit.Name != "MostSecrets" {
		t.Error("the comparisons are not MostSecrets")
	}
	returns := 0
	ast.Inspect(verify, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.BranchStmt:
			t.Error("the loop may be left early")
		case *ast.ReturnStmt:
			returns++
		}
		return true
	})
	if _, last := verify.Body.List[len(verify.Body.List)-1].(*ast.ReturnStmt); returns != 1 || !last {
		t.Errorf("verify returns in %d places", returns)
	}
	first, ok := firstComparison(loop)
	if !ok || called(first) != "subtle.ConstantTimeCompare" {
		t.Error("the comparison is not made on each round")
	}
}

// firstComparison gives the call whose answer the loop's own statements, and none within them, hold against something.
func firstComparison(loop *ast.RangeStmt) (*ast.CallExpr, bool) {
	for _, statement := range loop.Body.List {
		if assigned, ok := statement.(*ast.AssignStmt); ok {
			if comparison, ok := assigned.Rhs[0].(*ast.BinaryExpr); ok && comparison.Op == token.EQL {
				call, ok := comparison.X.(*ast.CallExpr)
				return call, ok
			}
		}
	}
	return nil, false
}

// called gives the name of a function of another package that is called.
func called(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok {
			return pkg.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// parse reads the package's own source.
func parse(t *testing.T) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
