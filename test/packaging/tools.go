//go:build tools

// Package packaging keeps the commands that check what we ship in go.mod: `go mod tidy` drops what nothing imports.
package packaging

import (
	_ "github.com/rhysd/actionlint/cmd/actionlint"
	_ "helm.sh/helm/v4/cmd/helm"
)
