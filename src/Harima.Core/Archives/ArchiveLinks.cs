using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Archives;

/// <summary>What an address of an archive stands for.</summary>
/// <param name="ETag">Of the archive as it was when the address was made.</param>
public sealed record ArchiveLink(ArchiveRequest Request, string ETag, Principal Principal, DateTimeOffset ExpiresAt);

/// <summary>
/// Addresses with which one archive can be fetched without logging in, by curl or by another person, until they expire. The
/// rights are those of whoever made the address, looked up at each use.
/// </summary>
public sealed class ArchiveLinks(Database database, CatalogueWriter writer, TimeProvider time)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <returns>The secret part of the address, and when it ends.</returns>
    public async Task<(string Secret, DateTimeOffset ExpiresAt)> CreateAsync(
        ArchiveRequest request,
        string etag,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var secret = RandomNumberGenerator.GetHexString(40, lowercase: true);
        var now = time.Now();
        var row = new
        {
            hash = Hash(secret),
            principal.UserId,
            format = request.Format.ToString().ToLowerInvariant(),
            sequences = JsonSerializer.Serialize(request.Names),
            etag,
            expiresAt = now + Lifetime,
            now,
        };
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    DELETE FROM archive_link WHERE expires_at < @now;
                    INSERT INTO archive_link (hash, user_id, format, sequences, etag, expires_at)
                    VALUES (@hash, @UserId, @format, @sequences, @etag, @expiresAt)
                    """,
                    row,
                    transaction
                ),
            cancellationToken
        );
        return (secret, row.expiresAt);
    }

    /// <summary>Null where there is none, it has expired, or the account of who made it is closed.</summary>
    public async Task<ArchiveLink?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT l.user_id, l.format, l.sequences, l.etag, l.expires_at FROM archive_link l
            LEFT JOIN app_user u ON u.id = l.user_id
            WHERE l.hash = @hash AND l.expires_at > @now AND (l.user_id IS NULL OR u.active)
            """,
            new { hash = Hash(secret), now = time.Now() }
        );
        return row is null
            ? null
            : new ArchiveLink(
                new ArchiveRequest(
                    JsonSerializer.Deserialize<string[]>(row.Sequences)!,
                    Enum.Parse<ArchiveFormat>(row.Format, ignoreCase: true)
                ),
                row.Etag,
                row.UserId is null ? Principal.Anonymous : new Principal(row.UserId, "archive link"),
                row.ExpiresAt
            );
    }

    static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    sealed class Row
    {
        public string? UserId { get; init; }
        public required string Format { get; init; }
        public required string Sequences { get; init; }
        public required string Etag { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
    }
}
