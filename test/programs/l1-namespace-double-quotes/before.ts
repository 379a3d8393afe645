import { Chart } from "cdk8s"
import * as k8s from "../imports/k8s.ts"

export function web(chart: Chart) {
    return new k8s.KubeStatefulSet(chart, "db", {
        spec: {
            serviceName: "db",
            selector: {matchLabels: {app: "db"}},
            template: {
                metadata: {labels: {app: "db"}},
                spec: {
                    containers: [{
                        name: "db",
                        image: "redis:7",
                        args: ["--save", ""] // no snapshots
                    }]
                }
            }
        }
    })
}
