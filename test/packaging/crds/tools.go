//go:build tools

// Package crds keeps the modules whose files we use in go.mod: `go mod tidy` drops those of which nothing is imported. These packages
// import nothing themselves.
package crds

import (
	_ "github.com/cert-manager/cert-manager/pkg/apis/acme"
	_ "github.com/prometheus-operator/prometheus-operator/example/alertmanager-webhook"
)
