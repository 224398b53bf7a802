using Harima.Access;

namespace Harima.Workspaces;

/// <summary>A private bucket of a person or a group, with free keys, not bound to a proposal.</summary>
public sealed record Workspace
{
    /// <summary>Also the name of its bucket.</summary>
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string Owner { get; init; }
    public long BucketId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    public ResourceRef Ref => new(ResourceKind.Workspace, Id);

    // The facility's administrators are not on it: a workspace is private.
    public IReadOnlyList<ResourceRef> Chain => [Ref];
}
