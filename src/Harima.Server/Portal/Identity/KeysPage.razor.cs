using Harima.Identity;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Identity;

partial class KeysPage
{
    static readonly int[] Lifetimes = [7, 30, 90, 365];

    IReadOnlyList<AccessKey> _keys = [];
    IReadOnlyList<ApiToken> _tokens = [];
    IReadOnlyList<(string Name, string Value)>? _secret;

    [Inject]
    AccessKeys AccessKeys { get; set; } = null!;

    [Inject]
    ApiTokens ApiTokens { get; set; } = null!;

    [SupplyParameterFromForm(FormName = "create-key")]
    string? KeyDescription { get; set; }

    [SupplyParameterFromForm(FormName = "create-token")]
    string? TokenDescription { get; set; }

    [SupplyParameterFromForm(FormName = "create-token")]
    int TokenDays { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _keys = await AccessKeys.ListAsync(Visitor.Principal, Aborted);
        _tokens = await ApiTokens.ListAsync(Visitor.Principal, Aborted);
    }

    Task CreateKeyAsync() =>
        TryAsync(async () =>
        {
            var made = await AccessKeys.CreateAsync(Visitor.Principal, KeyDescription ?? "", Aborted);
            _secret = [(T["Keys.Id"], made.Key.Id), (T["Keys.Secret"], made.SecretKey)];
            _keys = await AccessKeys.ListAsync(Visitor.Principal, Aborted);
        });

    Task CreateTokenAsync() =>
        TryAsync(async () =>
        {
            var days = Lifetimes.Contains(TokenDays) ? TokenDays : Lifetimes[0];
            var (_, text) = await ApiTokens.CreateAsync(
                Visitor.Principal,
                TokenDescription ?? "",
                TimeSpan.FromDays(days),
                Aborted
            );
            _secret = [(T["Keys.Token"], text)];
            _tokens = await ApiTokens.ListAsync(Visitor.Principal, Aborted);
        });

    async Task RevokeKeyAsync(string id)
    {
        await AccessKeys.RevokeAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo("/keys");
    }

    async Task RevokeTokenAsync(string id)
    {
        await ApiTokens.RevokeAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo("/keys");
    }
}
