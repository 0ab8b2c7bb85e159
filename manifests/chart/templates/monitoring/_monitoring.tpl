{{- /* Labels of ours and of the values: dict "root" $ "labels" .labels. Ours stay as they are. */ -}}
{{- define "sync-sidecar.monitorLabels" -}}
{{- merge (include "sync-sidecar.labels" .root | fromYaml) (.labels | default dict) | toYaml }}
{{- end -}}

{{- /* The groups of files/alerts.yaml as the values want them. */ -}}
{{- define "sync-sidecar.alertGroups" -}}
{{- $values := .Values.monitoring.prometheusRule }}
{{- $names := list }}
{{- $groups := list }}
{{- range (.Files.Get "files/alerts.yaml" | fromYaml).groups }}
{{- $rules := list }}
{{- range .rules }}
{{- $names = append $names .alert }}
{{- if not (has .alert ($values.disabled | default list)) }}
{{- $_ := set . "labels" (merge dict ($values.alertLabels | default dict) .labels) }}
{{- $rules = append $rules . }}
{{- end }}
{{- end }}
{{- if $rules }}
{{- $groups = append $groups (dict "name" .name "rules" $rules) }}
{{- end }}
{{- end }}
{{- range $values.disabled }}
{{- if not (has . $names) }}
{{- fail (printf "monitoring.prometheusRule.disabled: there is no alert %s; there are %s" . (join ", " $names)) }}
{{- end }}
{{- end }}
{{- toYaml $groups }}
{{- end -}}
