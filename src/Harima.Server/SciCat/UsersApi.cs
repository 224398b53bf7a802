using System.Text.Json.Nodes;

namespace Harima.SciCat;

static class UsersApi
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapLogins();
        routes.MapPost("/users/login", LogInAsync);
        routes.MapPost("/auth/logout", LogOutAsync);
        routes.MapPost("/users/logout", LogOutAsync);
        routes.MapGet("/auth/whoami", SelfAsync);
        routes.MapGet("/users/my/self", SelfAsync);
        routes.MapGet("/users/my/identity", MyIdentityAsync);
        routes.MapGet("/users/{id}/userIdentity", IdentityAsync);
        routes.MapGet("/users/{id}", UserAsync);
    }

    public static void MapLogins(this IEndpointRouteBuilder routes)
    {
        foreach (var way in (string[])["login", "msad", "ldap"])
            routes.MapPost($"/auth/{way}", LogInAsync);
    }

    static async Task<IResult> LogInAsync(HttpContext context, UserDocuments users, CancellationToken cancellationToken)
    {
        var body = await SciCatAnswer.BodyAsync(context);
        string Text(string name) =>
            body[name]?.GetValueKind() == System.Text.Json.JsonValueKind.String ? body[name]!.GetValue<string>() : "";
        return SciCatAnswer.Created(await users.LogInAsync(Text("username"), Text("password"), cancellationToken));
    }

    static async Task<IResult> LogOutAsync(
        HttpContext context,
        UserDocuments users,
        CancellationToken cancellationToken
    )
    {
        await users.LogOutAsync(context.Caller(), cancellationToken);
        return SciCatAnswer.Created(new JsonObject { ["logout"] = "successful" });
    }

    static async Task<IResult> SelfAsync(
        HttpContext context,
        UserDocuments users,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await users.SelfAsync(context.Caller(), cancellationToken));

    static async Task<IResult> MyIdentityAsync(
        HttpContext context,
        UserDocuments users,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await users.IdentityAsync(context.Caller(), null, cancellationToken));

    static async Task<IResult> IdentityAsync(
        string id,
        HttpContext context,
        UserDocuments users,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await users.IdentityAsync(context.Caller(), id, cancellationToken));

    static async Task<IResult> UserAsync(
        string id,
        HttpContext context,
        UserDocuments users,
        CancellationToken cancellationToken
    )
    {
        await users.IdentityAsync(context.Caller(), id, cancellationToken);
        return SciCatAnswer.Json(await users.SelfAsync(context.Caller(), cancellationToken));
    }
}
