using System.Security.Cryptography;
using System.Text;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Identity;

/// <summary>A token for REST and the CLI (<c>Authorization: Bearer ...</c>); its text is shown once.</summary>
public sealed record ApiToken
{
    public required string Id { get; init; }
    public required string UserId { get; init; }
    public required string Description { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Makes, lists, takes back and recognises tokens.</summary>
public sealed class ApiTokens(Database database, CatalogueWriter writer, TimeProvider time)
{
    const string Columns = "t.id, t.user_id, t.description, t.created_at, t.expires_at";

    /// <returns>The token and its text, <c>hmt_id_secret</c>.</returns>
    public async Task<(ApiToken Token, string Text)> CreateAsync(
        Principal principal,
        string description,
        TimeSpan lifetime,
        CancellationToken cancellationToken
    )
    {
        var userId = principal.UserId ?? throw Fault.LoginNeeded();
        var now = time.Now();
        var token = new ApiToken
        {
            Id = RandomNumberGenerator.GetHexString(16, lowercase: true),
            UserId = userId,
            Description = description.Trim(),
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
        var secret = RandomNumberGenerator.GetHexString(40, lowercase: true);
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    INSERT INTO api_token (id, user_id, description, hash, created_at, expires_at)
                    VALUES (@Id, @UserId, @Description, @hash, @CreatedAt, @ExpiresAt)
                    """,
                    new
                    {
                        token.Id,
                        token.UserId,
                        token.Description,
                        hash = Hash(secret),
                        token.CreatedAt,
                        token.ExpiresAt,
                    },
                    transaction
                ),
            cancellationToken
        );
        return (token, $"hmt_{token.Id}_{secret}");
    }

    public async Task<IReadOnlyList<ApiToken>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var tokens = await connection.QueryAsync<ApiToken>(
            $"SELECT {Columns} FROM api_token t WHERE t.user_id = @UserId ORDER BY t.created_at DESC",
            principal
        );
        return tokens.AsList();
    }

    /// <exception cref="FaultException">NotFound if it is not a token of the caller.</exception>
    public async Task RevokeAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var removed = await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM api_token WHERE id = @id AND user_id = @UserId",
                    new { id, principal.UserId },
                    transaction
                ),
            cancellationToken
        );
        if (removed == 0)
            throw Fault.NotFound("Token", id);
    }

    /// <summary>Who a token speaks for, or null where it is unknown, revoked or expired.</summary>
    public async Task<Principal?> FindAsync(string text, CancellationToken cancellationToken)
    {
        var parts = text.Split('_');
        if (parts.Length != 3 || parts[0] != "hmt")
            return null;
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<TokenRow>(
            "SELECT t.user_id, t.hash, t.expires_at FROM api_token t JOIN app_user u ON u.id = t.user_id AND u.active WHERE t.id = @id",
            new { id = parts[1] }
        );
        var same =
            row is not null
            && CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(row.Hash),
                Encoding.ASCII.GetBytes(Hash(parts[2]))
            );
        return same && (row!.ExpiresAt is null || row.ExpiresAt > time.GetUtcNow())
            ? new Principal(row.UserId, "token " + parts[1])
            : null;
    }

    static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    sealed class TokenRow
    {
        public required string UserId { get; init; }
        public required string Hash { get; init; }
        public DateTimeOffset? ExpiresAt { get; init; }
    }
}
