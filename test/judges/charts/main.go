// What helm-controller makes of HelmReleases: values by its own library, names by its own API, post-renderers by the
// kustomize it embeds. Reads a JSON list of questions, and prints a JSON list of answers.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/kustomize/api/krusty"
	kustypes "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type question struct {
	Release    json.RawMessage    `json:"release"`
	ConfigMaps []corev1.ConfigMap `json:"configMaps"`
	// Rendered objects, for the post-renderers of the release.
	Output string `json:"output"`
}

type answer struct {
	Refused          string         `json:"refused"`
	Values           map[string]any `json:"values"`
	ReleaseName      string         `json:"releaseName"`
	ReleaseNamespace string         `json:"releaseNamespace"`
	StorageNamespace string         `json:"storageNamespace"`
	PostRendered     string         `json:"postRendered"`
}

func answerTo(asked question) (given answer, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	var release v2.HelmRelease
	if err := json.Unmarshal(asked.Release, &release); err != nil {
		return given, err
	}
	given.ReleaseName = release.GetReleaseName()
	given.ReleaseNamespace = release.GetReleaseNamespace()
	given.StorageNamespace = release.GetStorageNamespace()
	objects := make([]runtime.Object, 0, len(asked.ConfigMaps))
	for index := range asked.ConfigMaps {
		objects = append(objects, &asked.ConfigMaps[index])
	}
	client := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithRuntimeObjects(objects...).Build()
	values, err := chartutil.ChartValuesFromReferences(context.Background(), logr.Discard(), client,
		release.Namespace, release.GetValues(), release.Spec.ValuesFrom...)
	if err != nil {
		return given, err
	}
	given.Values = values
	given.PostRendered = asked.Output
	for _, renderer := range release.Spec.PostRenderers {
		if renderer.Kustomize == nil || given.PostRendered == "" {
			continue
		}
		given.PostRendered, err = postRendered(given.PostRendered, renderer.Kustomize)
		if err != nil {
			return given, err
		}
	}
	return given, nil
}

// As internal/postrender/kustomize.go, which only helm-controller itself can import.
func postRendered(input string, renderer *v2.Kustomize) (string, error) {
	files := filesys.MakeFsInMemory()
	config := kustypes.Kustomization{Resources: []string{"helm-output.yaml"}}
	config.APIVersion = kustypes.KustomizationVersion
	config.Kind = kustypes.KustomizationKind
	for _, image := range renderer.Images {
		config.Images = append(config.Images, kustypes.Image{
			Name: image.Name, NewName: image.NewName, NewTag: image.NewTag, Digest: image.Digest,
		})
	}
	for _, patch := range renderer.Patches {
		wanted := kustypes.Patch{Patch: patch.Patch}
		if target := patch.Target; target != nil {
			wanted.Target = &kustypes.Selector{LabelSelector: target.LabelSelector, AnnotationSelector: target.AnnotationSelector}
			wanted.Target.Group, wanted.Target.Version, wanted.Target.Kind = target.Group, target.Version, target.Kind
			wanted.Target.Name, wanted.Target.Namespace = target.Name, target.Namespace
		}
		config.Patches = append(config.Patches, wanted)
	}
	text, err := json.Marshal(config)
	if err != nil {
		return "", err
	}
	if err := files.WriteFile("helm-output.yaml", []byte(input)); err != nil {
		return "", err
	}
	if err := files.WriteFile("kustomization.yaml", text); err != nil {
		return "", err
	}
	options := &krusty.Options{LoadRestrictions: kustypes.LoadRestrictionsNone, PluginConfig: kustypes.DisabledPluginConfig()}
	built, err := krusty.MakeKustomizer(options).Run(files, ".")
	if err != nil {
		return "", err
	}
	result, err := built.AsYaml()
	return string(result), err
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	var asked []question
	if err := json.Unmarshal(text, &asked); err != nil {
		panic(err)
	}
	given := make([]answer, len(asked))
	for index, each := range asked {
		given[index], err = answerTo(each)
		if err != nil {
			given[index].Refused = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(given); err != nil {
		panic(err)
	}
}
