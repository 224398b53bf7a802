using System.ComponentModel.DataAnnotations;

namespace Harima.Workspaces;

/// <summary>What owners of workspaces may do. Section <c>Harima:Workspaces</c>.</summary>
public sealed class WorkspaceOptions
{
    public const string Section = "Harima:Workspaces";

    /// <summary>Whether who manages a workspace may let everyone read it (S3: ACL <c>public-read</c>).</summary>
    public bool PublicRead { get; set; } = true;

    /// <summary>Whether who manages a workspace may let everyone, logged in or not, write into it (S3: ACL
    /// <c>public-read-write</c>). Anybody on the network can then fill the storage.</summary>
    public bool PublicWrite { get; set; }

    /// <summary>How many workspaces one person may own.</summary>
    [Range(1, 1_000_000)]
    public int MostPerPerson { get; set; } = 1000;

    /// <summary>Whether an Allow in the policy of a workspace's bucket shares it, as far as the statement goes (ADR 16). Otherwise
    /// only its Deny is obeyed. Turned off, what policies gave is taken back at the next start.</summary>
    public bool PolicyShares { get; set; }
}
