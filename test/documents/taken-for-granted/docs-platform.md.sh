# A webhook with the page's profile, a namespace of a team with a workload, and the configuration that is to come.
cat >values.yaml <<'EOF'
registry: registry.example.com/team
configuration:
  profiles:
    default: {}
    grafana: { label: grafana_dashboard, folder: /etc/dashboards }
EOF
helm install sync-sidecar manifests/chart --namespace sync-sidecar --create-namespace --values values.yaml --wait
kubectl create namespace shop
kubectl create deployment app --namespace shop --image=busybox:stable -- sleep infinity
cat >new.yaml <<'EOF'
apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
profiles:
  grafana: { label: grafana_dashboard, folder: /etc/dashboards }
EOF
