namespace Harima.Access;

/// <summary>What somebody may do; each right includes the ones before it.</summary>
public enum Right
{
    None,

    /// <summary>See it and read its files and metadata.</summary>
    Read,

    /// <summary>Also add, change and remove files and metadata while it is open, and close it.</summary>
    Write,

    /// <summary>Also decide who else may.</summary>
    Manage,
}

/// <summary>What a right is held on.</summary>
public enum ResourceKind
{
    Facility,
    Beamline,
    Proposal,
    Workspace,
    Sequence,
}

/// <summary>A thing rights are held on, by the name it is granted under (a sequence: <c>proposal/sequence</c>).</summary>
public readonly record struct ResourceRef(ResourceKind Kind, string Id)
{
    public static readonly ResourceRef Facility = new(ResourceKind.Facility, "facility");

    internal string KindText => Kind.ToString().ToLowerInvariant();
}

/// <summary>In which role a right is held; a right given by sharing has the role <see cref="Shared"/>.</summary>
public static class Roles
{
    public const string Admin = "admin";
    public const string Staff = "staff";
    public const string Leader = "leader";
    public const string Member = "member";
    public const string Owner = "owner";
    public const string Shared = "shared";

    /// <summary>Given by an Allow of the bucket's policy: as far as that statement goes, and no further.</summary>
    public const string Policy = "policy";
}

/// <summary>A row of the one table that decides every right.</summary>
public sealed record Grant
{
    public required ResourceRef On { get; init; }

    /// <summary><c>user:id</c>, <c>accounts</c> or <c>everyone</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>One of <see cref="Roles"/>.</summary>
    public required string Role { get; init; }
    public required Right Access { get; init; }
    public required string GrantedBy { get; init; }
    public DateTimeOffset GrantedAt { get; init; }
}
