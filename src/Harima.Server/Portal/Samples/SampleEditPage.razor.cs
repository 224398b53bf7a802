using System.Globalization;
using Harima.Access;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Proposals;
using Harima.Samples;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Samples;

partial class SampleEditPage
{
    // A sample has a name, so the form begins with the field for it.
    const string Begun = """{ "names": [""] }""";

    SampleView? _view;
    IReadOnlyList<ProposalSummary> _proposals = [];
    IReadOnlyList<SchemaOffer> _offers = [];

    [Inject]
    SampleQueries Samples { get; set; } = null!;

    [Inject]
    PutSample Put { get; set; } = null!;

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    FollowSchema Follow { get; set; } = null!;

    /// <summary>Null for a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    [SupplyParameterFromQuery(Name = "proposal")]
    string? Proposal { get; set; }

    /// <summary>What a new one was made from.</summary>
    [SupplyParameterFromQuery(Name = "parent")]
    string? Parent { get; set; }

    string Parents =>
        Field("parents")
        ?? (_view is null ? Parent ?? "" : string.Join(", ", _view.Parents.Select(parent => parent.Id)));

    protected override async Task OnInitializedAsync()
    {
        if (Id is not null)
            _view = await Samples.GetAsync(Visitor.Principal, Id, Aborted);
        else
            _proposals =
            [
                .. (await Proposals.ListAsync(Visitor.Principal, null, null, 200, Aborted)).Items.Where(summary =>
                    summary.MyRight >= Right.Write
                ),
            ];
        var proposal = _view?.Sample.ProposalId ?? Proposal ?? "";
        _offers = await Follow.OffersAsync(proposal, "", MetadataKind.Sample, [], Aborted);
    }

    async Task SaveAsync()
    {
        Sample? saved = null;
        var json = Field("json") is { Length: > 0 } text ? text : "{}";
        if (!await TryAsync(async () => saved = await SaveAsync(json)))
            return;
        Navigation.NavigateTo($"/samples/{saved!.Id}?done=saved");
    }

    Task<Sample> SaveAsync(string json)
    {
        var parents = (Field("parents") ?? "").Split(
            [',', '、', ' ', '　'],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        if (Id is null)
            return Put.CreateAsync(
                Field("proposal") ?? "",
                new PutSampleRequest(json, parents),
                Visitor.Principal,
                Aborted
            );
        // A parent the visitor may not see is none they could have taken away.
        return Put.ChangeAsync(
            Id,
            new PutSampleRequest(
                json,
                parents.SequenceEqual(_view!.Parents.Select(parent => parent.Id)) ? null : parents,
                long.TryParse(Field("version"), NumberStyles.None, CultureInfo.InvariantCulture, out var seen)
                    ? seen
                    : null
            ),
            Visitor.Principal,
            Aborted
        );
    }

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;
}
