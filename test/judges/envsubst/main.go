// Substitutes as a Flux Kustomization's postBuild does: a YAML stream in, the same stream out, by Flux's own library.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/fluxcd/pkg/envsubst"
	flux "github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/sourceignore"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
)

// kustomization reads a JSON object of strings and makes of it the only part of a Kustomization the library looks at.
func kustomization(file string) (unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return unstructured.Unstructured{}, err
	}
	var variables map[string]string
	if err := json.Unmarshal(text, &variables); err != nil {
		return unstructured.Unstructured{}, err
	}
	substitute := map[string]any{}
	for name, value := range variables {
		substitute[name] = value
	}
	return unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"postBuild": map[string]any{"substitute": substitute}},
	}}, nil
}

// substituted goes object by object, as kustomize-controller does after its build; no cluster is asked for variables.
func substituted(stream []byte, with unstructured.Unstructured) ([]byte, error) {
	factory := resmap.NewFactory(provider.NewDefaultDepProvider().GetResourceFactory())
	objects, err := factory.NewResMapFromBytes(stream)
	if err != nil {
		return nil, err
	}
	for _, object := range objects.Resources() {
		changed, err := flux.SubstituteVariables(context.Background(), nil, with, object,
			flux.SubstituteWithDryRun(true), flux.SubstituteWithStrict(true))
		if err != nil {
			return nil, fmt.Errorf("post build failed for '%s/%s': %w", object.GetGvk(), object.GetName(), err)
		}
		if changed == nil {
			continue
		}
		if _, err := objects.Replace(object); err != nil {
			return nil, err
		}
	}
	return objects.AsYaml()
}

// question is a text with the variables that are set, or a text to read as a boolean.
type question struct {
	Text      string            `json:"text"`
	Variables map[string]string `json:"variables"`
	IsBoolean bool              `json:"isBoolean"`
}

type answer struct {
	Text    string `json:"text"`
	Refused string `json:"refused"`
}

// answered lets no panic out: the controller reports one as an error of its reconciliation.
func answered(q question) (a answer) {
	defer func() {
		if cause := recover(); cause != nil {
			a = answer{Refused: fmt.Sprint(cause)}
		}
	}()
	if q.IsBoolean {
		value, err := strconv.ParseBool(q.Text)
		if err != nil {
			return answer{Refused: err.Error()}
		}
		return answer{Text: strconv.FormatBool(value)}
	}
	text, err := envsubst.Eval(q.Text, func(name string) (string, bool) {
		value, exists := q.Variables[name]
		return value, exists
	})
	if err != nil {
		return answer{Refused: err.Error()}
	}
	if !utf8.ValidString(text) {
		return answer{Refused: "not UTF-8"}
	}
	return answer{Text: text}
}

// batch answers a JSON list of questions.
func batch() error {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		return err
	}
	answers := make([]answer, 0, len(questions))
	for _, each := range questions {
		answers = append(answers, answered(each))
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

// build is one path of a source, with the Flux Kustomization that builds it.
type build struct {
	Files         map[string]string `json:"files"`
	Kustomization map[string]any    `json:"kustomization"`
}

// built does what kustomize-controller does between fetching a source and applying it: the kustomization file of the path
// with what the spec adds, the build, the variables of the spec.
func built(b build) (a answer) {
	defer func() {
		if cause := recover(); cause != nil {
			a = answer{Refused: fmt.Sprint(cause)}
		}
	}()
	root, err := os.MkdirTemp("", "flux-build-")
	if err != nil {
		return answer{Refused: err.Error()}
	}
	defer os.RemoveAll(root)
	for name, text := range b.Files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return answer{Refused: err.Error()}
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return answer{Refused: err.Error()}
		}
	}
	object := unstructured.Unstructured{Object: b.Kustomization}
	path, _, _ := unstructured.NestedString(b.Kustomization, "spec", "path")
	directory, err := securejoin.SecureJoin(root, path)
	if err != nil {
		return answer{Refused: err.Error()}
	}
	if _, err := os.Stat(directory); err != nil {
		return answer{Refused: "path not found"}
	}
	if _, err := flux.NewGenerator(root, object).WriteFile(directory); err != nil {
		return answer{Refused: err.Error()}
	}
	objects, err := flux.SecureBuild(root, directory, false)
	if err != nil {
		return answer{Refused: err.Error()}
	}
	for _, each := range objects.Resources() {
		changed, err := flux.SubstituteVariables(context.Background(), nil, object, each,
			flux.SubstituteWithDryRun(true), flux.SubstituteWithStrict(true))
		if err != nil {
			return answer{Refused: err.Error()}
		}
		if changed == nil {
			continue
		}
		if _, err := objects.Replace(each); err != nil {
			return answer{Refused: err.Error()}
		}
	}
	text, err := objects.AsYaml()
	if err != nil {
		return answer{Refused: err.Error()}
	}
	return answer{Text: string(text)}
}

// builds answers a JSON list of builds.
func builds() error {
	var asked []build
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	answers := make([]answer, 0, len(asked))
	for _, each := range asked {
		answers = append(answers, built(each))
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

// artifact is a repository, with the ignore field of its source.
type artifact struct {
	Files  map[string]string `json:"files"`
	Ignore string            `json:"ignore"`
}

// kept are the files that source-controller archives: patterns of .sourceignore files and of the source in the place of the
// usual ones, each file matched by itself.
func kept(a artifact) ([]string, error) {
	root, err := os.MkdirTemp("", "flux-source-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	for name, text := range a.Files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	domain := strings.Split(root, string(filepath.Separator))
	patterns, err := sourceignore.LoadIgnorePatterns(root, domain)
	if err != nil {
		return nil, err
	}
	patterns = append(patterns, sourceignore.ReadPatterns(strings.NewReader(a.Ignore), domain)...)
	matcher := sourceignore.NewDefaultMatcher(patterns, domain)
	if len(patterns) > 0 {
		matcher = sourceignore.NewMatcher(append(sourceignore.VCSPatterns(domain), patterns...))
	}
	files := []string{}
	for name := range a.Files {
		path := filepath.Join(root, name)
		if !matcher.Match(strings.Split(path, string(filepath.Separator)), false) {
			files = append(files, name)
		}
	}
	return files, nil
}

// artifacts answers a JSON list of repositories.
func artifacts() error {
	var asked []artifact
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	answers := make([][]string, 0, len(asked))
	for _, each := range asked {
		files, err := kept(each)
		if err != nil {
			return err
		}
		answers = append(answers, files)
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: envsubst VARIABLES.json < STREAM.yaml, envsubst --batch < QUESTIONS.json, envsubst --build < BUILDS.json, or envsubst --source < REPOSITORIES.json")
	}
	if os.Args[1] == "--source" {
		return artifacts()
	}
	if os.Args[1] == "--build" {
		return builds()
	}
	if os.Args[1] == "--batch" {
		return batch()
	}
	with, err := kustomization(os.Args[1])
	if err != nil {
		return err
	}
	stream, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	text, err := substituted(stream, with)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
