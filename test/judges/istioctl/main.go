// istioctl that stays. With arguments it is istioctl. Without, each line of stdin is a JSON list of arguments, and each
// line of stdout what istioctl makes of them: it takes a second to start, and some ten milliseconds to judge a file.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"

	"istio.io/istio/istioctl/cmd"
	"istio.io/istio/pkg/log"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
)

type answer struct {
	Status int    `json:"status"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

// run is the end of istioctl's own main.
func run(args []string) int {
	root := cmd.GetRootCmd(args)
	if err := root.Execute(); err != nil {
		return cmd.GetExitCode(err)
	}
	return 0
}

// captured runs with both streams of the process in files: logs, too, are written to descriptors.
func captured(args []string, streams [2]*os.File) (answer, error) {
	for index, file := range streams {
		if err := file.Truncate(0); err != nil {
			return answer{}, err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return answer{}, err
		}
		if err := syscall.Dup3(int(file.Fd()), index+1, 0); err != nil {
			return answer{}, err
		}
	}
	status := run(args)
	var texts [2]string
	for index, file := range streams {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			return answer{}, err
		}
		texts[index] = string(text)
	}
	return answer{Status: status, Stdout: texts[0], Stderr: texts[1]}, nil
}

func serve() error {
	saved, err := syscall.Dup(1)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.NewFile(uintptr(saved), "answers"))
	folder, err := os.MkdirTemp("", "meshwright-istioctl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	var streams [2]*os.File
	for index, name := range []string{"stdout", "stderr"} {
		if streams[index], err = os.Create(folder + "/" + name); err != nil {
			return err
		}
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var args []string
		if err := json.Unmarshal(line, &args); err != nil {
			return err
		}
		said, err := captured(args, streams)
		if err != nil {
			return err
		}
		if err := out.Encode(said); err != nil {
			return err
		}
	}
}

func main() {
	if err := cmd.ConfigAndEnvProcessing(); err != nil {
		fmt.Fprintf(os.Stderr, "Could not initialize: %v\n", err)
		os.Exit(cmd.GetExitCode(err))
	}
	log.EnableKlogWithCobra()
	if len(os.Args) > 1 {
		os.Exit(run(os.Args[1:]))
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(70)
	}
}
