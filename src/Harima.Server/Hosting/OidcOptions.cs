using System.Text.RegularExpressions;

namespace Harima.Hosting;

/// <summary>
/// An OpenID Connect provider people may log in with: an entry of the list <c>Harima:Identity:Oidc</c>. Code flow with PKCE; the
/// provider must allow the redirect address <c>/login/oidc/{Name}/callback</c> of the portal.
/// </summary>
public sealed partial class OidcOptions
{
    public const string Section = "Harima:Identity:Oidc";

    /// <summary>Short and stable, part of addresses: lower-case letters, digits, '-'.</summary>
    public string Name { get; set; } = "";

    /// <summary>What the button says after "Login with"; the name where empty.</summary>
    public string? DisplayName { get; set; }

    /// <summary>The same in Japanese.</summary>
    public string? DisplayNameJa { get; set; }

    /// <summary>The issuer, such as <c>https://id.example.jp</c>.</summary>
    public string Authority { get; set; } = "";

    /// <summary>What the provider calls this portal.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The secret the provider gave; better in a file.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>File with the secret, so that it stands in no configuration.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>Whether the provider must be reached by https; false only for one on this machine.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>Blank-separated.</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>Further audiences, blank-separated, whose tokens become S3 credentials (<c>AssumeRoleWithWebIdentity</c>); those made
    /// for <c>ClientId</c> always do.</summary>
    public string? Audiences { get; set; }

    internal IReadOnlyList<string> TokenAudiences =>
        [ClientId, .. (Audiences ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    internal string Scheme => "oidc-" + Name;

    internal string LoginPath => "/login/oidc/" + Name;

    internal static IReadOnlyList<OidcOptions> Read(IConfiguration configuration)
    {
        var providers = configuration.GetSection(Section).Get<List<OidcOptions>>() ?? [];
        var problems = providers.SelectMany((provider, n) => provider.Problems(n)).ToList();
        if (providers.Select(provider => provider.Name).Distinct(StringComparer.Ordinal).Count() < providers.Count)
            problems.Add($"{Section}: two providers have the same Name.");
        return problems.Count == 0
            ? providers
            : throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }

    internal string? ReadSecret() =>
        ClientSecretFile is null ? ClientSecret : File.ReadAllText(ClientSecretFile).Trim();

    IEnumerable<string> Problems(int n)
    {
        var at = FormattableString.Invariant($"{Section}:{n}");
        if (!NamePattern().IsMatch(Name))
            yield return $"{at}:Name has 1 to 32 lower-case letters, digits or '-', not '{Name}'.";
        if (
            !Uri.TryCreate(Authority, UriKind.Absolute, out var authority)
            || authority.Scheme is not ("https" or "http")
        )
            yield return $"{at}:Authority is the provider's address, not '{Authority}'.";
        else if (RequireHttps && authority.Scheme != "https")
            yield return $"{at}:Authority must begin with https:// (or set {at}:RequireHttps to false for a test).";
        if (ClientId.Length == 0)
            yield return $"{at}:ClientId is missing.";
        if (ClientSecretFile is not null && !File.Exists(ClientSecretFile))
            yield return $"{at}:ClientSecretFile '{ClientSecretFile}' does not exist.";
    }

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex NamePattern();
}
