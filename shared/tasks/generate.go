package tasks

import (
	"fmt"
	"os"

	"pipeline/shared/github"
	"pipeline/shared/layers"
	"pipeline/shared/manifest"
)

// Generate writes the files that are made from the manifest, where they are old.
func Generate() error {
	m, err := manifest.Find(".")
	if err != nil {
		return err
	}
	written, err := github.Write(m)
	if err != nil {
		return err
	}
	for _, name := range written {
		fmt.Println(name)
	}
	return nil
}

// Markdown prints the report in a file as a comment of a pull request.
func Markdown(file string) error {
	report, err := layers.ReadReport(file)
	if err != nil {
		return err
	}
	return report.WriteMarkdown(os.Stdout)
}
