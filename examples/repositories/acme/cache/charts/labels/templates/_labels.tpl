{{- define "labels.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "labels.all" -}}
{{ include "labels.selector" . }}
app.kubernetes.io/version: {{ .Chart.Version }}
{{- end }}
