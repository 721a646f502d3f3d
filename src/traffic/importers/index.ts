import type { Importer } from '../observed.ts';
import envoy from './envoy.ts';
import hubble from './hubble.ts';
import kiali from './kiali.ts';
import opentelemetry from './opentelemetry.ts';
import prometheus from './prometheus.ts';

/** Every tool whose files hold calls; the first that recognises a file reads it. */
export const importers: readonly Importer[] = [envoy, kiali, opentelemetry, prometheus, hubble];
