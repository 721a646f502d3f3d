// Substitutes as a Flux Kustomization's postBuild does: a YAML stream in, the same stream out, by Flux's own library.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	flux "github.com/fluxcd/pkg/kustomize"
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

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: envsubst VARIABLES.json < STREAM.yaml")
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
