// The versions of the CustomResourceDefinitions that our objects are checked against.
module sync-sidecar/test/packaging/crds

go 1.26.8

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.88.0
)
