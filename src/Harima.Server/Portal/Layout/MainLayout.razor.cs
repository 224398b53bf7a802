using System.Globalization;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Registration;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Layout;

sealed record NavLink(string Address, string Text, string Icon, bool NeedsLogin);

partial class MainLayout
{
    static readonly NavLink[] All =
    [
        new("/", "Nav.Home", "home", false),
        new("/upload", "Nav.Upload", "upload", true),
        new("/find", "Nav.Find", "search", false),
        new("/sequences", "Nav.Download", "download", false),
        new("/samples", "Nav.Samples", "sample", false),
        new("/proposals", "Nav.Proposals", "proposal", false),
        new("/workspaces", "Nav.Workspaces", "workspace", true),
        new("/keys", "Nav.Keys", "key", true),
    ];

    User? _user;
    bool _administrator;
    bool _registers;
    long _unread;

    [Inject]
    RegistrationQueries Registrations { get; set; } = null!;

    [Inject]
    Comments Comments { get; set; } = null!;

    [Inject]
    SearchNotices Notices { get; set; } = null!;

    [Inject]
    LargeEdits LargeEdits { get; set; } = null!;

    [Inject]
    NavigationManager Navigation { get; set; } = null!;

    IEnumerable<NavLink> Links => All.Where(link => _user is not null || !link.NeedsLogin);

    const int MostCounted = 99;

    string UnreadText => _unread >= MostCounted ? MostCounted + "+" : Show.Count(_unread);

    static string OtherLanguage => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ja" ? "en" : "ja";

    string Path => "/" + Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0];

    bool OnLoginPage => Path == "/login";

    string LoginAddress => "/login?returnUrl=" + Uri.EscapeDataString(Visitor.Here);

    /// <summary>Empty where none was configured: "Harima Harima" says nothing.</summary>
    string FacilityName =>
        Facility.Value.Name == "Harima" ? "" : Show.Pick(Facility.Value.Name, Facility.Value.NameJa ?? "");

    string Notice => Show.Pick(Options.Value.Notice, Options.Value.NoticeJa);

    string? Current(NavLink link) =>
        (link.Address == "/" ? Path == "/" : Path.StartsWith(link.Address, StringComparison.Ordinal)) ? "page" : null;

    protected override async Task OnInitializedAsync()
    {
        _user = await Visitor.FindUserAsync();
        _administrator = await Visitor.IsAdministratorAsync();
        _registers = _user is not null && await Registrations.MayRegisterAsync(Visitor.Principal, Visitor.Aborted);
        if (_user is not null)
            _unread = Math.Min(
                MostCounted,
                await Comments.UnreadAsync(Visitor.Principal, MostCounted, Visitor.Aborted)
                    + await Notices.UnseenAsync(Visitor.Principal, MostCounted, Visitor.Aborted)
                    + await LargeEdits.UnseenAsync(Visitor.Principal, MostCounted, Visitor.Aborted)
            );
    }
}
