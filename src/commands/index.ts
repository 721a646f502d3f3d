import type { Command } from './command.ts';
import apply from './apply.ts';
import callsImport from './calls-import.ts';
import diff from './diff.ts';
import images from './images.ts';
import init from './init.ts';
import lint from './lint.ts';
import merge from './merge.ts';
import newCommand from './new.ts';
import open from './open.ts';
import render from './render.ts';
import rollback from './rollback.ts';
import simulate from './simulate.ts';
import strict from './strict.ts';
import subnets from './subnets.ts';
import upgrade from './upgrade.ts';
import wavePlan from './wave-plan.ts';
import waveClose from './wave-close.ts';
import waveOpen from './wave-open.ts';
import waveStatus from './wave-status.ts';

/** Every command, in the order a newcomer meets them. */
export const commands: readonly Command[] = [
  init,
  newCommand,
  render,
  apply,
  diff,
  open,
  upgrade,
  wavePlan,
  waveOpen,
  waveStatus,
  waveClose,
  callsImport,
  simulate,
  strict,
  rollback,
  lint,
  merge,
  images,
  subnets,
];
