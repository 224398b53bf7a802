using Harima.Access;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class AccessPage
{
    static readonly Right[] Grantable = [Right.Read, Right.Write, Right.Manage];

    SequenceView _view = null!;
    IReadOnlyList<AccessEntry> _entries = [];

    [Inject]
    SequenceAccess Access { get; set; } = null!;

    [Inject]
    ShareSequence ShareSequence { get; set; } = null!;

    [Parameter]
    public string ProposalId { get; set; } = "";

    [Parameter]
    public string SequenceId { get; set; } = "";

    /// <summary>What the form before this page did.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    [SupplyParameterFromQuery(Name = "who")]
    string? Who { get; set; }

    [SupplyParameterFromForm(FormName = "visibility")]
    string? Visible { get; set; }

    [SupplyParameterFromForm(FormName = "share")]
    string? Person { get; set; }

    [SupplyParameterFromForm(FormName = "share")]
    Right Given { get; set; }

    string SequenceAddress => Address.Sequence(_view.Sequence.ProposalId, _view.Sequence.Id);

    protected override async Task OnInitializedAsync()
    {
        _view = await Access.GetAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _entries = await Access.EntriesAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        if (Done is not ("shared" or "changed" or "removed" or "everyone" or "limited"))
            Done = null;
    }

    /// <summary>Why somebody has a right, in a sentence.</summary>
    string Reason(AccessEntry entry) =>
        entry.Removable
            ? T["Access.Reason.shared", entry.GrantedBy, Clock.Date(entry.GrantedAt)]
            : T[$"Access.Reason.{entry.Role}", entry.On.Id];

    /// <summary>Where a right that cannot be changed here comes from.</summary>
    static string NotHere(AccessEntry entry) =>
        entry.On.Kind switch
        {
            ResourceKind.Facility => "Access.FromFacility",
            ResourceKind.Beamline => "Access.FromBeamline",
            _ => "Access.FromProposal",
        };

    async Task SetVisibilityAsync()
    {
        var visibility = Visible == "everyone" ? Visibility.Everyone : Visibility.Limited;
        if (
            await TryAsync(() =>
                ShareSequence.SetVisibilityAsync(ProposalId, SequenceId, visibility, Visitor.Principal, Aborted)
            )
        )
            Return(visibility == Visibility.Everyone ? "everyone" : "limited", null);
    }

    Task ShareAsync() => PutAsync(Person?.Trim() ?? "", Grantable.Contains(Given) ? Given : Right.Read, "shared");

    Task ChangeAsync(string userId) =>
        // Each row has its own form, so the field cannot be bound by one form's name.
        PutAsync(
            userId,
            Enum.TryParse<Right>(Context.Request.Form["Changed"], out var right) ? right : Right.Read,
            "changed"
        );

    Task RemoveAsync(string userId) => PutAsync(userId, Right.None, "removed");

    async Task PutAsync(string person, Right right, string done)
    {
        var request = new ShareSequenceRequest(ProposalId, SequenceId, person, right);
        Harima.Identity.User? user = null;
        if (await TryAsync(async () => user = await ShareSequence.HandleAsync(request, Visitor.Principal, Aborted)))
            Return(done, user!.DisplayName);
    }

    void Return(string done, string? who) =>
        Navigation.NavigateTo(Address.Of(SequenceAddress + "/access", ("done", done), ("who", who)));
}
