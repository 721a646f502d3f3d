// What templates write and people edit, in the scenarios.
export const route = `# Routes external hosts from the shared gateway.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
spec:
  hosts:
    - shop.example.com
  gateways:
    - istio-system/shared
  http:
    - name: api
      match:
        - uri:
            prefix: /api
      route:
        - destination:
            host: api.shop.svc.cluster.local
            port:
              number: 8080
    - name: web
      route:
        - destination:
            host: web.shop.svc.cluster.local
            port:
              number: 80
`;
export const unnamed = route
  .replace('    - name: api\n      match:', '    - match:')
  .replace('    - name: web\n      route:', '    - route:');
export const sidecar = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: shop
spec:
  egress:
    - hosts:
        - ./*
        - istio-system/*
        - kube-system/* # DNS
  outboundTrafficPolicy:
    mode: ALLOW_ANY
`;
export const policies = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: deny-all
  namespace: shop
  annotations:
    istio.io/dry-run: "true"
spec: {}
---
# Who may call the catalog.
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: allow-callers-catalog
  namespace: shop
  annotations:
    istio.io/dry-run: "true"
spec:
  selector:
    matchLabels:
      app: catalog
  action: ALLOW
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/web/sa/front
      to:
        - operation:
            ports: ["8080"]
    - from:
        - source:
            principals:
              - cluster.local/ns/pay/sa/pay
`;
export const rules = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: catalog
  namespace: shop
spec:
  host: catalog.shop.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 100
`;
export const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources:
  - app.yaml
  - virtual-service.yaml
  - istio-sidecar.yaml
images:
  - name: shop
    newTag: 1.2.3 # {"$imagepolicy": "flux-system:shop:tag"}
`;
export const service = `apiVersion: v1
kind: Service
metadata:
  name: catalog
spec:
  ports:
    - name: http
      port: 80
      targetPort: 8080
    - name: grpc
      port: 9090
      targetPort: 9090
`;
