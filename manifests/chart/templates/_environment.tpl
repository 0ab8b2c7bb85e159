{{- /* The environment of the webhook: what differs from its own defaults. */ -}}
{{- define "sync-sidecar.env" -}}
- name: SIDECAR_IMAGE
  value: {{ include "sync-sidecar.image" (dict "root" . "image" .Values.sidecarImage) }}
- name: CONFIG_FILE
  value: /etc/sync-sidecar/configuration.yaml
{{- if ne .Values.tls.mode "self" }}
- name: TLS_MODE
  value: {{ .Values.tls.mode }}
- name: TLS_CERT_FILE
  value: /etc/sync-sidecar-tls/tls.crt
- name: TLS_KEY_FILE
  value: /etc/sync-sidecar-tls/tls.key
{{- else if ne .Release.Namespace "sync-sidecar" }}
- name: CA_SECRET
  value: {{ .Release.Namespace }}/sync-sidecar-ca
{{- end }}
{{- if ne (int .Values.port) 8443 }}
- name: PORT
  value: {{ .Values.port | quote }}
{{- end }}
{{- if ne (int .Values.metricsPort) 8080 }}
- name: METRICS_PORT
  value: {{ .Values.metricsPort | quote }}
{{- end }}
{{- if not (include "sync-sidecar.rbacPreflight" .) }}
- name: RBAC_PREFLIGHT
  value: 'false'
{{- end }}
{{- with .Values.log.level }}
- name: LOG_LEVEL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.log.format }}
- name: LOG_FORMAT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
