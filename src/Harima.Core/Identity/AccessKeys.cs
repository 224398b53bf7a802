using System.Collections.Concurrent;
using System.Security.Cryptography;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Microsoft.Extensions.Options;

namespace Harima.Identity;

/// <summary>A key for S3. <see cref="Id"/> is public; the secret is shown once, when it is made.</summary>
public sealed record AccessKey
{
    public required string Id { get; init; }
    public required string UserId { get; init; }
    public required string Description { get; init; }
    public bool Session { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    internal string Nonce { get; init; } = "";
    internal string? LimitBucket { get; init; }
    internal string? LimitPrefix { get; init; }
    internal string? LimitRight { get; init; }
}

/// <summary>A fresh key with its secret; session credentials also carry a token that must be sent along.</summary>
public sealed record AccessKeySecret(AccessKey Key, string SecretKey, string? SessionToken);

/// <summary>What the gateway needs to check a signature.</summary>
public sealed record SigningIdentity(string AccessKeyId, string SecretKey, string? SessionToken, Principal Principal)
{
    internal DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Access keys of people, and the short-lived session credentials made from a login.</summary>
public sealed class AccessKeys(
    Database database,
    CatalogueWriter writer,
    AccessGeneration access,
    MasterKey master,
    TimeProvider time,
    IOptions<IdentityOptions> options
)
{
    const string Columns =
        "k.id, k.user_id, k.description, k.nonce, k.session, k.created_at, k.expires_at, k.limit_bucket, k.limit_prefix, k.limit_right, k.last_used_at";
    static readonly TimeSpan LongestSession = TimeSpan.FromHours(12);

    readonly AccessCache<string, SigningIdentity> _identities = new(100_000);

    // Written by requests, emptied by the worker; one entry a key.
    readonly ConcurrentDictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <summary>A key that works until it is revoked.</summary>
    public Task<AccessKeySecret> CreateAsync(
        Principal principal,
        string description,
        CancellationToken cancellationToken
    ) => AddAsync(principal, description, null, null, cancellationToken);

    /// <summary>Credentials that expire, reaching no further than <paramref name="limit"/>; rights are looked up live at each use.</summary>
    /// <param name="parentKeyId">The key they were asked for with: once it is revoked, they are too.</param>
    public Task<AccessKeySecret> CreateSessionAsync(
        Principal principal,
        CredentialLimit? limit,
        TimeSpan? lifetime,
        CancellationToken cancellationToken,
        string? parentKeyId = null
    )
    {
        var lives = lifetime ?? options.Value.SessionLifetime;
        if (lives <= TimeSpan.Zero || lives > LongestSession)
            throw Fault.Invalid("session-lifetime", "Session credentials live for up to 12 hours.");
        return AddAsync(principal, "session", lives, limit, cancellationToken, parentKeyId);
    }

    /// <summary>The keys of the caller, newest first; session credentials are not listed.</summary>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var keys = await connection.QueryAsync<AccessKey>(
            $"SELECT {Columns} FROM access_key k WHERE k.user_id = @UserId AND NOT k.session ORDER BY k.created_at DESC",
            principal
        );
        return keys.AsList();
    }

    /// <summary>Takes a key back, and the session credentials made with it; the next request signed with one of them is refused.</summary>
    /// <exception cref="FaultException">NotFound if it is not a key of the caller.</exception>
    public async Task RevokeAsync(Principal principal, string accessKeyId, CancellationToken cancellationToken)
    {
        var removed = await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM access_key WHERE (id = @accessKeyId OR parent_id = @accessKeyId) AND user_id = @UserId",
                    new { accessKeyId, principal.UserId },
                    transaction
                ),
            cancellationToken
        );
        if (removed == 0)
            throw Fault.NotFound("Access key", accessKeyId);
    }

    /// <summary>The secret and the person behind a key, or null where it does not exist, was revoked or has expired.</summary>
    public async ValueTask<SigningIdentity?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        var generation = await access.NowAsync(cancellationToken);
        var identity = _identities.Find(generation, accessKeyId);
        if (identity is null)
        {
            identity = await LookUpAsync(accessKeyId, generation, cancellationToken);
            if (identity is null)
                return null;
            _identities.Add(generation, accessKeyId, identity);
        }
        return identity.ExpiresAt <= time.GetUtcNow() ? null : identity;
    }

    async Task<SigningIdentity?> LookUpAsync(string accessKeyId, long generation, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var key = await connection.QuerySingleOrDefaultAsync<AccessKey>(
            $"SELECT {Columns} FROM access_key k JOIN app_user u ON u.id = k.user_id AND u.active WHERE k.id = @accessKeyId",
            new { accessKeyId }
        );
        if (key is null)
            return null;
        var limit = key.LimitPrefix is null
            ? null
            : new CredentialLimit(key.LimitBucket, key.LimitPrefix, key.LimitRight == "write");
        return new SigningIdentity(
            key.Id,
            SecretOf(key),
            TokenOf(key),
            new Principal(key.UserId, "key " + key.Id, limit) { AsOf = generation }
        )
        {
            ExpiresAt = key.ExpiresAt,
        };
    }

    /// <summary>Remembers that a request was signed with this key, to be written down soon: a key nobody uses should be revoked.</summary>
    public void MarkUsed(string accessKeyId) => _used[accessKeyId] = time.Now();

    /// <summary>Writes down which keys were used. What a crash loses here is at most the last half minute of "last used".</summary>
    internal async Task<int> RecordUseAsync(CancellationToken cancellationToken)
    {
        var used = new List<(string Id, DateTimeOffset At)>();
        foreach (var id in _used.Keys)
            if (_used.TryRemove(id, out var at))
                used.Add((id, at));
        if (used.Count > 0)
            await writer.WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE access_key SET last_used_at = @At WHERE id = @Id",
                        used.Select(use => new { use.Id, use.At }),
                        transaction
                    ),
                cancellationToken
            );
        return used.Count;
    }

    /// <summary>Forgets session credentials that expired more than a day ago.</summary>
    internal Task<int> RemoveExpiredAsync(CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM access_key WHERE expires_at < @before",
                    new { before = time.Now() - TimeSpan.FromDays(1) },
                    transaction
                ),
            cancellationToken
        );

    async Task<AccessKeySecret> AddAsync(
        Principal principal,
        string description,
        TimeSpan? lifetime,
        CredentialLimit? limit,
        CancellationToken cancellationToken,
        string? parentId = null
    )
    {
        var userId = principal.UserId ?? throw Fault.LoginNeeded();
        if (description.Length > 200)
            throw Fault.Invalid("key-description", "The description of a key has at most 200 characters.");
        var now = time.Now();
        var key = new AccessKey
        {
            // 20 characters as AWS's; HK for a person's own key, HS for a session's.
            Id =
                (lifetime is null ? "HK" : "HS")
                + RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 18),
            UserId = userId,
            Description = description.Trim(),
            Nonce = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Session = lifetime is not null,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
            LimitBucket = limit?.Bucket,
            LimitPrefix = limit?.Prefix,
            LimitRight =
                limit is null ? null
                : limit.MayWrite ? "write"
                : "read",
        };
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    INSERT INTO access_key (id, user_id, description, nonce, session, created_at, expires_at, limit_bucket, limit_prefix, limit_right, parent_id)
                    VALUES (@Id, @UserId, @Description, @Nonce, @Session, @CreatedAt, @ExpiresAt, @LimitBucket, @LimitPrefix, @LimitRight, @parentId)
                    """,
                    new
                    {
                        key.Id,
                        key.UserId,
                        key.Description,
                        key.Nonce,
                        key.Session,
                        key.CreatedAt,
                        key.ExpiresAt,
                        key.LimitBucket,
                        key.LimitPrefix,
                        key.LimitRight,
                        parentId,
                    },
                    transaction
                ),
            cancellationToken
        );
        return new AccessKeySecret(key, SecretOf(key), TokenOf(key));
    }

    string SecretOf(AccessKey key) => master.Derive("secret", key.Id, key.Nonce);

    string? TokenOf(AccessKey key) => key.Session ? master.Derive("session", key.Id, key.Nonce) : null;
}
