/**
 * The door for cdk8s programs.
 *
 * ```ts
 * import { harden } from 'podharden/cdk8s'
 * const app = new App()
 * new WebChart(app, 'web')
 * harden(app)
 * app.synth()
 * ```
 */
import { App, type AppProps, Chart, type ChartProps } from 'cdk8s'
import type { Construct } from 'constructs'
import { harden, type HardenOptions } from './cdk8s/harden.ts'
import type { HardenReport } from './cdk8s/report.ts'

export { harden, hardened, type HardenOptions } from './cdk8s/harden.ts'
export type { HardenedConstruct, HardenReport } from './cdk8s/report.ts'
export type * from './types.ts'

/** Those of an App, and how its charts are hardened. */
export interface HardenedAppProps extends AppProps {
  readonly hardening?: HardenOptions
}

/** An App whose charts are hardened at synthesis. */
export class HardenedApp extends App {
  readonly hardening: HardenReport

  constructor(props: HardenedAppProps = {}) {
    const { hardening, ...rest } = props
    super(rest)
    this.hardening = harden(this, hardening)
  }
}

/** Those of a Chart, and how its objects are hardened. */
export interface HardenedChartProps extends ChartProps {
  readonly hardening?: HardenOptions
}

/** A Chart whose objects are hardened at synthesis, whatever the App does. */
export class HardenedChart extends Chart {
  readonly hardening: HardenReport

  constructor(scope: Construct, id: string, props: HardenedChartProps = {}) {
    const { hardening, ...rest } = props
    super(scope, id, rest)
    this.hardening = harden(this, hardening)
  }
}
