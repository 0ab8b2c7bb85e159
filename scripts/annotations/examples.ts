/** What a pod author might copy. */
export const examples = {
  grafana: `apiVersion: apps/v1
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
        sync-sidecar.io/folder: /etc/dashboards
        sync-sidecar.io/req-url: http://localhost:3000/api/admin/provisioning/dashboards/reload
        sync-sidecar.io/req-method: POST
        sync-sidecar.io/req-username-from: grafana-admin/user
        sync-sidecar.io/req-password-from: grafana-admin/password
    spec:
      serviceAccountName: grafana
      containers:
        - name: grafana
          image: grafana/grafana:12.3.0`,
  twoSyncs: `apiVersion: apps/v1
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
        sync-sidecar.io/syncs: dashboards,datasources
        sync-sidecar.io/namespace: monitoring,team-a
        dashboards.sync-sidecar.io/label: grafana_dashboard
        dashboards.sync-sidecar.io/folder: /etc/dashboards
        datasources.sync-sidecar.io/label: grafana_datasource
        datasources.sync-sidecar.io/resource: secret
        datasources.sync-sidecar.io/folder: /etc/grafana/provisioning/datasources
    spec:
      serviceAccountName: grafana
      containers:
        - name: grafana
          image: grafana/grafana:12.3.0`,
  job: `apiVersion: batch/v1
kind: Job
metadata:
  name: report
spec:
  template:
    metadata:
      annotations:
        sync-sidecar.io/inject: 'true'
        sync-sidecar.io/method: LIST
        sync-sidecar.io/label: report-template
        sync-sidecar.io/folder: /templates
    spec:
      serviceAccountName: report
      restartPolicy: Never
      containers:
        - name: report
          image: registry.example.com/report:1.0.0`,
} as const;
