// Applies Kubernetes' own three-way patches, as kubectl apply makes them: a JSON case a line in, a JSON answer a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

type threeSides struct {
	Kind     string          `json:"kind"`
	Original json.RawMessage `json:"original"`
	Modified json.RawMessage `json:"modified"`
	Current  json.RawMessage `json:"current"`
}

type answer struct {
	Result   json.RawMessage `json:"result,omitempty"`
	Conflict bool            `json:"conflict,omitempty"`
	Error    string          `json:"error,omitempty"`
}

var structs = map[string]any{"Deployment": appsv1.Deployment{}, "Service": corev1.Service{}}

func merge(sides threeSides) ([]byte, error) {
	kind, isKnown := structs[sides.Kind]
	if !isKnown {
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(sides.Original, sides.Modified, sides.Current)
		if err != nil {
			return nil, err
		}
		return jsonpatch.MergePatch(sides.Current, patch)
	}
	schema, err := strategicpatch.NewPatchMetaFromStruct(kind)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(sides.Original, sides.Modified, sides.Current, schema, false)
	if err != nil {
		return nil, err
	}
	return strategicpatch.StrategicMergePatch(sides.Current, patch, kind)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 1024*1024), 64*1024*1024)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var sides threeSides
		said := answer{}
		if err := json.Unmarshal(lines.Bytes(), &sides); err != nil {
			said.Error = err.Error()
		} else if result, err := merge(sides); mergepatch.IsConflict(err) {
			said.Conflict = true
		} else if err != nil {
			said.Error = err.Error()
		} else {
			said.Result = result
		}
		if err := out.Encode(said); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
