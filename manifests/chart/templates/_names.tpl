{{- /* Labels of every object. Ours stay as they are. */ -}}
{{- define "sync-sidecar.labels" -}}
{{- merge (include "sync-sidecar.ownLabels" . | fromYaml) (.Values.commonLabels | default dict) | toYaml }}
{{- end -}}

{{- define "sync-sidecar.ownLabels" -}}
{{ include "sync-sidecar.selectorLabels" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Labels that the webhook's pods are known by. They never change: a Deployment's selector can't. */ -}}
{{- define "sync-sidecar.selectorLabels" -}}
app.kubernetes.io/name: sync-sidecar
app.kubernetes.io/component: webhook
{{- end -}}

{{- /* The full name of an image: dict "root" $ "image" .Values.image. */ -}}
{{- define "sync-sidecar.image" -}}
{{- $registry := .root.Values.registry | default "" | trimSuffix "/" -}}
{{- $tag := .image.tag | default (ternary "" .root.Chart.AppVersion (ne .image.digest "")) -}}
{{- with $registry }}{{ . }}/{{ end }}{{ .image.repository }}
{{- with $tag }}:{{ . }}{{ end }}
{{- with .image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{- /* Where the API server finds the webhook: dict "root" $ "path" "/mutate". What the webhook or cert-manager write as
       the caBundle, no upgrade may write over. */ -}}
{{- define "sync-sidecar.clientConfig" -}}
service:
  name: sync-sidecar-webhook
  namespace: {{ .root.Release.Namespace | quote }}
  path: {{ .path }}
{{- with .root.Values.tls.caBundle }}
caBundle: {{ contains "-----BEGIN" . | ternary (b64enc .) (regexReplaceAll "\\s" . "") }}
{{- end }}
{{- end -}}

{{- define "sync-sidecar.notExcluded" -}}
key: kubernetes.io/metadata.name
operator: NotIn
values: {{ include "sync-sidecar.excludedNamespaces" . }}
{{- end -}}

{{- /* Without their pods there is no cluster to run the webhook in, and without the release's own no webhook. As JSON. */ -}}
{{- define "sync-sidecar.excludedNamespaces" -}}
{{- concat (list "kube-system" "kube-node-lease" .Release.Namespace) (.Values.excludedNamespaces | default list) | uniq | toJson -}}
{{- end -}}

{{- /* cert-manager's cainjector writes the caBundle of what has this annotation. */ -}}
{{- define "sync-sidecar.caInjection" -}}
{{- if eq .Values.tls.mode "cert-manager" -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/sync-sidecar-webhook
{{- end }}
{{- end -}}

{{- /* "true" where the webhook may ask what the pods of a workload are allowed; else empty. */ -}}
{{- define "sync-sidecar.rbacPreflight" -}}
{{- if and .Values.warnings.enabled .Values.warnings.rbacPreflight }}true{{ end -}}
{{- end -}}
