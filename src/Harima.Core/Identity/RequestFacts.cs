namespace Harima.Identity;

/// <summary>What is known of the request itself, for what a bucket's policy may ask about.</summary>
/// <param name="Actions">All it needs, as a policy names it (<c>s3:GetObject</c>); empty where it does not come by S3.</param>
/// <param name="Values">The values of a policy's condition key (lower case), empty where the request has none.</param>
public sealed record RequestFacts(IReadOnlyList<string> Actions, Func<string, IReadOnlyList<string>> Values)
{
    /// <summary>What a Deny of holds for it too, though an Allow of it is not needed.</summary>
    public IReadOnlyList<string> AlsoDenied { get; init; } = [];

    /// <summary>Who the caller believes owns the bucket; null where they do not say.</summary>
    public string? ExpectedOwner { get; init; }

    /// <summary>The same for the source of a copy.</summary>
    public string? ExpectedSourceOwner { get; init; }
}
