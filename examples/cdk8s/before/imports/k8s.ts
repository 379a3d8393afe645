// What `cdk8s import k8s` writes is long; this stands in for it.
export * from 'cdk8s-plus-33/lib/imports/k8s';
