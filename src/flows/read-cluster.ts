import { builtCluster, type BuiltCluster, type ClusterEntry, type Repositories } from '../flux/built-cluster.ts';
import { repositoryKey } from '../flux/source-url.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Fleet } from '../model/fleet.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { Checkouts } from './checkouts.ts';
