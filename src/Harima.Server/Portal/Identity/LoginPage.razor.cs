using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Identity;

partial class LoginPage
{
    string? _error;

    [Inject]
    Users Users { get; set; } = null!;

    [Inject]
    NavigationManager Navigation { get; set; } = null!;

    [Inject]
    IReadOnlyList<OidcOptions> Providers { get; set; } = null!;

    [CascadingParameter]
    HttpContext Context { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    string? ReturnTo { get; set; }

    /// <summary>Set when a provider sent the visitor back with a refusal.</summary>
    [SupplyParameterFromQuery(Name = "failed")]
    string? Failed { get; set; }

    [SupplyParameterFromForm(FormName = "login")]
    string? Account { get; set; }

    [SupplyParameterFromForm(FormName = "login")]
    string? Password { get; set; }

    [SupplyParameterFromForm(FormName = "login", Name = "Return")]
    string? PostedReturn { get; set; }

    string Return => LoginSession.ReturnAddress(PostedReturn ?? ReturnTo);

    OidcOptions? LastProvider =>
        Providers.FirstOrDefault(provider => provider.Name == Context.Request.Cookies[LoginSession.LastCookie]);

    IEnumerable<OidcOptions> OtherProviders => Providers.Where(provider => provider != LastProvider);

    protected override void OnInitialized()
    {
        if (Failed is not null && Account is null)
            _error = T["Login.ProviderFailed"];
    }

    async Task SignInAsync()
    {
        try
        {
            var user = await Users.SignInAsync(Account ?? "", Password ?? "", Context.RequestAborted);
            await LoginSession.BeginAsync(Context, user);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.Unauthenticated or FaultCode.TooManyRequests)
        {
            _error = T.Find("Fault." + fault.Reason) ?? fault.Message;
            Context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        Navigation.NavigateTo(Return);
    }

    string ProviderAddress(OidcOptions provider) => Address.Of("/login/with/" + provider.Name, ("returnUrl", Return));

    static string TitleOf(OidcOptions provider) =>
        Show.Pick(provider.DisplayName ?? provider.Name, provider.DisplayNameJa ?? "");
}
