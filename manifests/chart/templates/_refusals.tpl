{{- /* Values each of which is accepted by values.schema.json, but which don't go together. */ -}}
{{- define "sync-sidecar.refuse" -}}
{{- with .Values }}
{{- if and (eq .tls.mode "files") (not .tls.secretName) }}
{{- fail "tls.secretName: is required with tls.mode=files and empty; name the Secret that has tls.crt and tls.key" }}
{{- end }}
{{- if and .tls.caBundle (ne .tls.mode "files") }}
{{- fail (printf "tls.caBundle: has no effect with tls.mode=%s, which sees to the caBundle; set tls.mode=files or leave it out" .tls.mode) }}
{{- end }}
{{- if contains "PRIVATE KEY" .tls.caBundle }}
{{- fail "tls.caBundle: has a private key, which everybody could read who may read webhook configurations; give the certificate of the CA alone" }}
{{- end }}
{{- if and .tls.issuerRef (ne .tls.mode "cert-manager") }}
{{- fail (printf "tls.issuerRef: has no effect with tls.mode=%s; set tls.mode=cert-manager or leave it out" .tls.mode) }}
{{- end }}
{{- if eq (int .port) (int .metricsPort) }}
{{- fail (printf "metricsPort: is %v, as port is; choose another one, or 0 for no metrics" .metricsPort) }}
{{- end }}
{{- end }}
{{- include "sync-sidecar.refuseReaders" . }}
{{- include "sync-sidecar.refuseEnv" . }}
{{- end -}}

{{- define "sync-sidecar.refuseReaders" -}}
{{- $namespaces := list }}
{{- range .Values.readers }}
{{- if has .namespace $namespaces }}
{{- fail (printf "readers: %s is named more than once; name it once, with all its kinds" .namespace) }}
{{- end }}
{{- $namespaces = append $namespaces .namespace }}
{{- if and .kinds (not (has "ConfigMap" .kinds)) }}
{{- fail (printf "readers: the kinds of %s are %s alone, for which there is no role; add ConfigMap" .namespace (join ", " .kinds)) }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The API server would refuse two variables of one name with words that lead nowhere. */ -}}
{{- define "sync-sidecar.refuseEnv" -}}
{{- $values := dict "SIDECAR_IMAGE" "sidecarImage" "CONFIG_FILE" "configuration" "PORT" "port" "METRICS_PORT" "metricsPort" }}
{{- $values = merge $values (dict "TLS_MODE" "tls.mode" "TLS_CERT_FILE" "tls.secretName" "TLS_KEY_FILE" "tls.secretName") }}
{{- $values = merge $values (dict "LOG_LEVEL" "log.level" "LOG_FORMAT" "log.format" "RBAC_PREFLIGHT" "warnings.rbacPreflight") }}
{{- range .Values.extraEnv }}
{{- if hasKey $values .name }}
{{- fail (printf "extraEnv: %s is set by the chart; use the value %s" .name (get $values .name)) }}
{{- end }}
{{- if has .name (list "CA_SECRET" "WEBHOOK_CONFIGURATION") }}
{{- fail (printf "extraEnv: %s would name an object that the webhook has no right to; the chart's own has a fixed name, so leave it out" .name) }}
{{- end }}
{{- end }}
{{- end -}}
