declare const brand: unique symbol;

/** A string that one parser has checked; code that takes it never checks again. */
type Named<Name extends string> = string & { readonly [brand]: Name };

/** A Kubernetes namespace name: RFC 1123 label, 1 to 63 characters. */
export type NamespaceName = Named<'NamespaceName'>;

/** A path inside a repository: relative, `/`-separated, normalised, without `..`; the root is `''`. */
export type RepoPath = Named<'RepoPath'>;

/** The unit of a pull request, as written on the command line: `shop@lab`. */
export type TargetId = Named<'TargetId'>;

/** A repository of the forge, `owner/name`. */
export type RepositoryId = Named<'RepositoryId'>;
