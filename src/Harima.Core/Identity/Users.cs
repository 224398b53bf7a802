using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Microsoft.AspNetCore.Identity;

namespace Harima.Identity;

/// <summary>Accounts: who exists, and whether a password is theirs.</summary>
public sealed class Users(
    Database database,
    CatalogueWriter writer,
    TimeProvider time,
    Microsoft.Extensions.Options.IOptions<IdentityOptions> options
)
{
    const string Columns = "id, display_name, email, active, created_at";
    static readonly PasswordHasher<string> Hasher = new();

    // Checked when nobody has that name, so that the time of an answer does not tell which names exist.
    static readonly string NobodysHash = Hasher.HashPassword("", "nobody");

    public async Task<User?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<User>(
            $"SELECT {Columns} FROM app_user WHERE id = @id",
            new { id = Normalise(id) }
        );
    }

    /// <summary>By user id or e-mail address, whichever matches exactly.</summary>
    public async Task<User?> FindByIdOrEmailAsync(string text, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<User>(
            $"SELECT {Columns} FROM app_user WHERE active AND (id = @id OR lower(email) = @id) ORDER BY id",
            new { id = Normalise(text) }
        );
    }

    public async Task<IReadOnlyDictionary<string, User>> FindManyAsync(
        IEnumerable<string> ids,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = new Dictionary<string, User>(StringComparer.Ordinal);
        foreach (var some in ids.Distinct(StringComparer.Ordinal).Chunk(500))
        foreach (
            var user in await connection.QueryAsync<User>(
                $"SELECT {Columns} FROM app_user WHERE id IN @some".ForDapper(database.Dialect, "some"),
                new { some }
            )
        )
            found[user.Id] = user;
        return found;
    }

    /// <summary>People whose id, name or e-mail contains <paramref name="text"/>; at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<User>> SearchAsync(string text, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var pattern = DialectSql.LikePattern(text.Trim());
        var rows = await connection.QueryAsync<User>(
            $"""
            SELECT {Columns} FROM app_user
            WHERE active AND ({database.Dialect.Contains("id", "@pattern")} OR {database.Dialect.Contains(
                "display_name",
                "@pattern"
            )}
               OR {database.Dialect.Contains("email", "@pattern")})
            ORDER BY id LIMIT @limit
            """,
            new { pattern, limit }
        );
        return rows.AsList();
    }

    /// <exception cref="FaultException">Invalid for a bad id; Conflict if the id or e-mail is taken.</exception>
    public async Task<User> CreateAsync(
        string id,
        string displayName,
        string? email,
        string? password,
        CancellationToken cancellationToken
    )
    {
        var user = new User
        {
            Id = Normalise(id),
            DisplayName = displayName.Trim(),
            Email = string.IsNullOrWhiteSpace(email) ? null : email.Trim(),
            Active = true,
            CreatedAt = time.Now(),
        };
        if (
            user.Id.Length is < 2 or > 64
            || user.Id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
        )
            throw Fault.Invalid("user-id", "A user id has 2 to 64 letters, digits, '.', '_' or '-'.", ("id", id));
        var hash = password is null ? null : Hasher.HashPassword(user.Id, password);
        await writer.WriteAsync(
            transaction =>
            {
                var taken = transaction.Connection!.ExecuteScalar<long>(
                    "SELECT COUNT(*) FROM app_user WHERE id = @Id OR lower(email) = lower(@Email)",
                    user,
                    transaction
                );
                if (taken > 0)
                    throw Fault.Conflict(
                        "user-exists",
                        $"There is already an account with the id '{user.Id}' or that e-mail address.",
                        ("id", user.Id)
                    );
                transaction.Connection!.Execute(
                    """
                    INSERT INTO app_user (id, display_name, email, password_hash, active, created_at)
                    VALUES (@Id, @DisplayName, @Email, @hash, TRUE, @CreatedAt)
                    """,
                    new
                    {
                        user.Id,
                        user.DisplayName,
                        user.Email,
                        hash,
                        user.CreatedAt,
                    },
                    transaction
                );
            },
            cancellationToken
        );
        return user;
    }

    public Task SetPasswordAsync(string id, string password, CancellationToken cancellationToken)
    {
        var hash = Hasher.HashPassword(Normalise(id), password);
        return writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "UPDATE app_user SET password_hash = @hash, failed_logins = 0, locked_until_at = NULL WHERE id = @id",
                    new { hash, id = Normalise(id) },
                    transaction
                ),
            cancellationToken
        );
    }

    /// <summary>Checks a password; wrong name and wrong password are told apart by nobody.</summary>
    /// <exception cref="FaultException">Unauthenticated, or TooManyRequests while the account is locked.</exception>
    public async Task<User> SignInAsync(string idOrEmail, string password, CancellationToken cancellationToken)
    {
        LoginRow? row;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            row = await connection.QueryFirstOrDefaultAsync<LoginRow>(
                "SELECT id, password_hash, failed_logins, locked_until_at FROM app_user WHERE active AND (id = @id OR lower(email) = @id) ORDER BY id",
                new { id = Normalise(idOrEmail) }
            );
        }
        if (row?.LockedUntilAt is { } until && until > time.Now())
            throw new FaultException(
                FaultCode.TooManyRequests,
                "account-locked",
                "Too many wrong passwords for this account. Wait a few minutes, then try again."
            );
        var result = Hasher.VerifyHashedPassword(row?.Id ?? "", row?.PasswordHash ?? NobodysHash, password);
        if (row?.PasswordHash is null || result == PasswordVerificationResult.Failed)
        {
            if (row is not null)
                await CountFailureAsync(row, cancellationToken);
            throw Fault.Unauthenticated("wrong-password", "The account or the password is wrong.");
        }
        if (row.FailedLogins > 0)
            await writer.WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE app_user SET failed_logins = 0, locked_until_at = NULL WHERE id = @Id",
                        row,
                        transaction
                    ),
                cancellationToken
            );
        return (await FindAsync(row.Id, cancellationToken))!;
    }

    Task CountFailureAsync(LoginRow row, CancellationToken cancellationToken)
    {
        var locked = time.Now() + options.Value.Lockout;
        return writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    UPDATE app_user SET
                        locked_until_at = CASE WHEN failed_logins + 1 >= @max THEN @locked ELSE locked_until_at END,
                        failed_logins = CASE WHEN failed_logins + 1 >= @max THEN 0 ELSE failed_logins + 1 END
                    WHERE id = @Id
                    """,
                    new
                    {
                        row.Id,
                        max = options.Value.MaxFailedLogins,
                        locked,
                    },
                    transaction
                ),
            cancellationToken
        );
    }

    internal static string Normalise(string id) => id.Trim().ToLowerInvariant();

    sealed class LoginRow
    {
        public required string Id { get; init; }
        public string? PasswordHash { get; init; }
        public int FailedLogins { get; init; }
        public DateTimeOffset? LockedUntilAt { get; init; }
    }
}
