{{- /* Labels of the objects of `helm test`; the Service must not lead to its pod. */ -}}
{{- define "sync-sidecar.testLabels" -}}
{{- merge (dict "app.kubernetes.io/component" "test") (include "sync-sidecar.labels" . | fromYaml) | toYaml }}
{{- end -}}

{{- /* They exist while it runs, in order of the weight given; after a failure they stay until it runs again. */ -}}
{{- define "sync-sidecar.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
