using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;

namespace Harima.SciCat;

/// <summary>People as SciCat's users, as far as a client needs to know itself.</summary>
public sealed class UserDocuments(Users users, ApiTokens tokens, Policy policy, TimeProvider time)
{
    static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(12);

    /// <summary>A token for an account and its password.</summary>
    /// <exception cref="FaultException">Unauthenticated; TooManyRequests.</exception>
    public async Task<JsonObject> LogInAsync(string username, string password, CancellationToken cancellationToken)
    {
        var user = await users.SignInAsync(username, password, cancellationToken);
        var (_, text) = await tokens.CreateAsync(
            new Principal(user.Id, "login"),
            "SciCat client",
            TokenLifetime,
            cancellationToken
        );
        return new JsonObject
        {
            ["access_token"] = text,
            ["id"] = text,
            ["expires_in"] = (int)TokenLifetime.TotalSeconds,
            ["ttl"] = (int)TokenLifetime.TotalSeconds,
            ["created"] = SciCatFormat.TextOf(time.GetUtcNow()),
            ["userId"] = user.Id,
            ["user"] = Document(user),
        };
    }

    /// <summary>Revokes the token the caller came with.</summary>
    /// <exception cref="FaultException">Unauthenticated where they came with none.</exception>
    public async Task LogOutAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (principal.Via.Split(' ') is not ["token", var id])
            throw Fault.Unauthenticated("not-logged-in", "Not logged in");
        await tokens.RevokeAsync(principal, id, cancellationToken);
    }

    /// <exception cref="FaultException">Unauthenticated.</exception>
    public async Task<JsonObject> SelfAsync(Principal principal, CancellationToken cancellationToken) =>
        Document(await OwnAsync(principal, cancellationToken));

    /// <summary>With the proposals the caller holds a right on as their groups.</summary>
    /// <exception cref="FaultException">Unauthenticated; Forbidden for another person's.</exception>
    public async Task<JsonObject> IdentityAsync(Principal principal, string? id, CancellationToken cancellationToken)
    {
        var user = await OwnAsync(principal, cancellationToken);
        if (id is not null && id != user.Id)
            throw Fault.Forbidden("scicat-user", "Only your own identity is given out.");
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var created = SciCatFormat.TextOf(user.CreatedAt);
        return new JsonObject
        {
            ["_id"] = user.Id,
            ["userId"] = user.Id,
            ["externalId"] = user.Id,
            ["authStrategy"] = "local",
            ["provider"] = "local",
            ["credentials"] = new JsonObject(),
            ["created"] = created,
            ["modified"] = created,
            ["profile"] = new JsonObject
            {
                ["id"] = user.Id,
                ["username"] = user.Id,
                ["displayName"] = user.DisplayName,
                ["email"] = user.Email ?? "",
                ["accessGroups"] = new JsonArray([.. visible.Proposals.Order().Select(group => (JsonNode)group)]),
            },
        };
    }

    async Task<User> OwnAsync(Principal principal, CancellationToken cancellationToken) =>
        principal.UserId is { } id && await users.FindAsync(id, cancellationToken) is { } user
            ? user
            : throw Fault.LoginNeeded();

    static JsonObject Document(User user) =>
        new()
        {
            ["_id"] = user.Id,
            ["id"] = user.Id,
            ["username"] = user.Id,
            ["displayName"] = user.DisplayName,
            ["email"] = user.Email ?? "",
            ["emailVerified"] = true,
            ["realm"] = "localhost",
            ["authStrategy"] = "local",
        };
}
