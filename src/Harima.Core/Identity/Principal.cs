namespace Harima.Identity;

/// <summary>Who is asking, and how far the credentials they showed reach.</summary>
/// <param name="UserId">Null for somebody who is not logged in.</param>
/// <param name="Via">How they came, for the audit: <c>portal</c>, <c>token ...</c>, <c>key HK...</c>.</param>
/// <param name="Limit">What session credentials were limited to; null for no limit.</param>
public sealed record Principal(string? UserId, string Via, CredentialLimit? Limit = null)
{
    public const string EveryoneSubject = "everyone";

    /// <summary>Everyone who has an account here and is logged in.</summary>
    public const string AccountsSubject = "accounts";

    public static readonly Principal Anonymous = new(null, "anonymous");

    /// <summary>The facility itself: start-up, workers and the demo. Never given to a request.</summary>
    public static readonly Principal System = new(null, "system") { IsSystem = true };

    internal bool IsSystem { get; private init; }

    /// <summary>
    /// The access generation at which the credentials of this request were looked up: one question a request is enough.
    /// Null where they were shown in another way.
    /// </summary>
    internal long? AsOf { get; init; }

    /// <summary>Only what decides: equal for requests that get the same answers.</summary>
    internal Principal Deciding => this with { Via = "", AsOf = null, Request = null };

    /// <summary>The request they ask with; null where there is none.</summary>
    public RequestFacts? Request { get; init; }

    /// <summary>The same caller while they read the source of what they write: a policy is asked about that reading.</summary>
    /// <param name="version">Null for the current one.</param>
    public Principal ReadingSource(string? version = null)
    {
        if (Request is not { } request)
            return this;
        return this with
        {
            Request = request with
            {
                Actions = [version is null ? "s3:GetObject" : "s3:GetObjectVersion"],
                AlsoDenied = version is null ? [] : ["s3:GetObject"],
                Values = key =>
                    key != "s3:versionid" ? request.Values(key)
                    : version is null ? []
                    : [version],
                ExpectedOwner = request.ExpectedSourceOwner,
            },
        };
    }

    public bool IsAnonymous => UserId is null && !IsSystem;

    /// <summary>What stands in the subject column of a grant for this person.</summary>
    public IReadOnlyList<string> Subjects =>
        UserId is null ? [EveryoneSubject] : [EveryoneSubject, AccountsSubject, SubjectOf(UserId)];

    public string Actor => UserId ?? (IsSystem ? "system" : "anonymous");

    public static string SubjectOf(string userId) => "user:" + userId;

    /// <summary>The user behind a subject, or null for <c>everyone</c> and <c>accounts</c>.</summary>
    public static string? UserOf(string subject) =>
        subject.StartsWith("user:", StringComparison.Ordinal) ? subject["user:".Length..] : null;
}

/// <summary>Session credentials reach one bucket, keys with one prefix, and read or write; rights are still looked up live.</summary>
public sealed record CredentialLimit(string? Bucket, string Prefix, bool MayWrite)
{
    public bool Reaches(string bucket) =>
        Bucket is null || string.Equals(Bucket, bucket, StringComparison.OrdinalIgnoreCase);

    public bool Reaches(string bucket, string key) =>
        Reaches(bucket) && key.StartsWith(Prefix, StringComparison.Ordinal);
}
