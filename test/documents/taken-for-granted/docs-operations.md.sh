# A webhook, and a workload whose ServiceAccount may not read what its sidecar shall sync.
helm install sync-sidecar manifests/chart --namespace sync-sidecar --create-namespace --set registry=registry.example.com/team --wait
cat >grafana.yaml <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: grafana
spec:
  selector:
    matchLabels:
      app: grafana
  template:
    metadata:
      labels:
        app: grafana
      annotations:
        sync-sidecar.io/inject: 'true'
        sync-sidecar.io/label: grafana_dashboard
        sync-sidecar.io/folder: /dashboards
    spec:
      containers:
        - name: grafana
          image: busybox:stable
EOF
