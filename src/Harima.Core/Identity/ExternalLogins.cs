using Dapper;
using Harima.Catalogue;

namespace Harima.Identity;

/// <summary>Identities of other institutions, linked to accounts here: one person may have several.</summary>
public sealed class ExternalLogins(Database database, CatalogueWriter writer, Users users, TimeProvider time)
{
    /// <summary>
    /// The account behind an identity. The first login makes one, named after <paramref name="preferredName"/>; it is never
    /// linked to an existing account by name or e-mail, since the provider may not have checked either.
    /// </summary>
    public async Task<User> SignInAsync(
        string issuer,
        string subject,
        string preferredName,
        string displayName,
        string? email,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(issuer, subject, cancellationToken) is { } known)
            return known;
        var id = await FreeIdAsync(preferredName, cancellationToken);
        var taken = email is not null && await users.FindByIdOrEmailAsync(email, cancellationToken) is not null;
        var user = await users.CreateAsync(id, displayName, taken ? null : email, null, cancellationToken);
        await LinkAsync(issuer, subject, user.Id, cancellationToken);
        return user;
    }

    public Task LinkAsync(string issuer, string subject, string userId, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "INSERT INTO external_login (issuer, subject, user_id, created_at) VALUES (@issuer, @subject, @userId, @at)",
                    new
                    {
                        issuer,
                        subject,
                        userId,
                        at = time.Now(),
                    },
                    transaction
                ),
            cancellationToken
        );

    async Task<User?> FindAsync(string issuer, string subject, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var userId = await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT user_id FROM external_login WHERE issuer = @issuer AND subject = @subject",
            new { issuer, subject }
        );
        return userId is null ? null : await users.FindAsync(userId, cancellationToken);
    }

    async Task<string> FreeIdAsync(string preferredName, CancellationToken cancellationToken)
    {
        var wanted = new string([
            .. Users
                .Normalise(preferredName.Split('@')[0])
                .Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'),
        ]);
        if (wanted.Length < 2)
            wanted = "user-" + wanted;
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? wanted : FormattableString.Invariant($"{wanted}{n}");
            if (await users.FindAsync(id, cancellationToken) is null)
                return id;
        }
    }
}
