using Harima.Access;
using Harima.Hosting;
using Harima.Identity;

namespace Harima.Portal;

/// <summary>Who looks at this page, and how they want to see it.</summary>
sealed class Visitor(IHttpContextAccessor accessor, Users users, Policy policy)
{
    public const string ThemeCookie = "harima-theme";
    User? _user;
    bool _asked;

    HttpContext Context => accessor.HttpContext!;

    public Principal Principal => Context.ToPrincipal();

    public string? UserId => Principal.UserId;

    public bool IsAnonymous => UserId is null;

    public string Theme => Context.Request.Cookies[ThemeCookie] == "dark" ? "dark" : "light";

    /// <summary>The address of this page, to return to after logging in or changing the language.</summary>
    public string Here => Context.Request.Path + Context.Request.QueryString;

    public string RequestId => Context.TraceIdentifier;

    public CancellationToken Aborted => Context.RequestAborted;

    public async ValueTask<User?> FindUserAsync()
    {
        if (!_asked)
        {
            _user = UserId is { } id ? await users.FindAsync(id, Context.RequestAborted) : null;
            _asked = true;
        }
        return _user;
    }

    /// <summary>Whether the pages of those who look after the facility are offered; they ask again themselves.</summary>
    public async ValueTask<bool> IsAdministratorAsync() =>
        !IsAnonymous
        && await policy.RightOnAsync(Principal, [ResourceRef.Facility], Context.RequestAborted) >= Right.Manage;

    /// <summary>This address in another language, everything else as it is.</summary>
    public string HereIn(string language)
    {
        var kept = Context
            .Request.Query.Where(pair => pair.Key != "lang")
            .SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value));
        return Context.Request.Path + QueryString.Create([.. kept, KeyValuePair.Create("lang", (string?)language)]);
    }
}
