# A webhook that was installed with these values, and a workload that has a sidecar.
cat >values.yaml <<'EOF'
registry: registry.example.com/team
readers: [{ namespace: shop, kinds: [ConfigMap] }]
configuration:
  profiles:
    default: { label: shop-files, folder: /etc/shop }
EOF
kubectl create namespace shop
helm install sync-sidecar manifests/chart --namespace sync-sidecar --create-namespace --values values.yaml --wait
kubectl label namespace shop sync-sidecar.io/inject=true
kubectl create deployment app --namespace shop --image=busybox:stable -- sleep infinity
kubectl rollout status --namespace shop deployment/app
