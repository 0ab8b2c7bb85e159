import type { MetricFamilies } from './metric-family.ts';

/** What Prometheus expects of every process: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics */
export const processGauges = {
  startTime: {
    name: 'process_start_time_seconds',
    labels: [],
    help: 'When the process was started.',
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    labels: [],
    help: 'Resident memory of the process.',
  },
} as const satisfies MetricFamilies;
