using Harima.Api.Sequences;
using Harima.Hosting;
using Harima.Metadata.Annotations;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class AnnotationsApi
{
    public static void MapAnnotations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Annotations");
        group
            .MapGet(SequencesApi.One + "/annotations", GetAsync)
            .WithName("getAnnotations")
            .WithSummary("Keywords, tags and rating of a sequence");
        foreach (
            var (segment, kind, word) in new[]
            {
                ("keywords", LabelKind.Keyword, "Keyword"),
                ("tags", LabelKind.Tag, "Tag"),
            }
        )
        {
            foreach (var (method, verb) in new[] { ("PUT", "add"), ("DELETE", "remove") })
                group
                    .MapMethods(
                        SequencesApi.One + $"/{segment}/{{label}}",
                        [method],
                        async (
                            string proposal,
                            string sequence,
                            string label,
                            HttpContext context,
                            Labels labels,
                            CancellationToken cancellationToken
                        ) =>
                        {
                            var principal = context.ToPrincipal();
                            if (verb == "add")
                                await labels.AddAsync(proposal, sequence, kind, label, principal, cancellationToken);
                            else
                                await labels.RemoveAsync(proposal, sequence, kind, label, principal, cancellationToken);
                            return TypedResults.NoContent();
                        }
                    )
                    .WithName(verb + word)
                    .WithSummary(
                        verb == "add"
                            ? $"Adds one of the {segment} of a sequence, open or closed"
                            : $"Removes one of the {segment} of a sequence"
                    );
            group
                .MapGet(
                    $"/{segment}",
                    async (
                        HttpContext context,
                        Labels labels,
                        CancellationToken cancellationToken,
                        string text = "",
                        int? limit = null
                    ) =>
                        TypedResults.Ok(
                            new ItemsDto<string>(
                                await labels.SuggestAsync(
                                    context.ToPrincipal(),
                                    kind,
                                    text,
                                    Paging.Limit(limit, 20),
                                    cancellationToken
                                )
                            )
                        )
                )
                .WithName($"list{word}s")
                .WithSummary($"The {segment} in use on sequences the caller may see, the most used first");
        }
        group
            .MapPut(SequencesApi.One + "/rating", RateAsync)
            .WithName("rateSequence")
            .WithSummary("Gives a sequence 1 to 5 stars, or takes one's rating back");
        group
            .MapGet(SequencesApi.One + "/comments", CommentsAsync)
            .WithName("listComments")
            .WithSummary("What people say about a sequence, oldest first");
        group
            .MapPost(SequencesApi.One + "/comments", CommentAsync)
            .WithName("addComment")
            .WithSummary("Says something about a sequence; @user tells that person");
        group
            .MapPut(SequencesApi.One + "/comments/{comment:long}", EditAsync)
            .WithName("editComment")
            .WithSummary("Changes a comment of one's own");
        group
            .MapDelete(SequencesApi.One + "/comments/{comment:long}", RemoveAsync)
            .WithName("removeComment")
            .WithSummary("Removes a comment; its author may, and who manages the sequence");
        group
            .MapGet("/mentions", MentionsAsync)
            .RequireLogin()
            .WithName("listMentions")
            .WithSummary("Comments that speak to the caller, newest first");
        group
            .MapPost("/mentions/seen", SeenAsync)
            .RequireLogin()
            .WithName("seeMentions")
            .WithSummary("The caller has seen these comments, or all that speak to them");
    }

    static async Task<Ok<AnnotationsDto>> GetAsync(
        string proposal,
        string sequence,
        HttpContext context,
        Labels labels,
        Ratings ratings,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var all = await labels.OfAsync(principal, proposal, sequence, cancellationToken);
        var rating = await ratings.OfAsync(principal, proposal, sequence, cancellationToken);
        IReadOnlyList<LabelDto> Of(LabelKind kind) =>
            [
                .. all.Where(label => label.Kind == kind)
                    .Select(label => new LabelDto(label.Label, label.AddedAt, label.AddedBy)),
            ];
        return TypedResults.Ok(
            new AnnotationsDto(
                Of(LabelKind.Keyword),
                Of(LabelKind.Tag),
                new RatingDto(rating.Average, rating.Count, rating.Mine)
            )
        );
    }

    static async Task<NoContent> RateAsync(
        string proposal,
        string sequence,
        RateRequest body,
        HttpContext context,
        Ratings ratings,
        CancellationToken cancellationToken
    )
    {
        await ratings.HandleAsync(proposal, sequence, body.Stars, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<PageDto<CommentDto>>> CommentsAsync(
        string proposal,
        string sequence,
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await comments.OfAsync(
            context.ToPrincipal(),
            proposal,
            sequence,
            cursor,
            Paging.Limit(limit, 50),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(Dto));
    }

    static async Task<Created<CommentDto>> CommentAsync(
        string proposal,
        string sequence,
        CommentRequest body,
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken
    )
    {
        var comment = await comments.AddAsync(proposal, sequence, body.Text, context.ToPrincipal(), cancellationToken);
        return TypedResults.Created((string?)null, Dto(comment));
    }

    static async Task<NoContent> EditAsync(
        string proposal,
        string sequence,
        long comment,
        CommentRequest body,
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken
    )
    {
        await comments.EditAsync(proposal, sequence, comment, body.Text, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> RemoveAsync(
        string proposal,
        string sequence,
        long comment,
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken
    )
    {
        await comments.RemoveAsync(proposal, sequence, comment, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<PageDto<MentionDto>>> MentionsAsync(
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken,
        bool unseen = false,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await comments.MentionsAsync(
            context.ToPrincipal(),
            unseen,
            cursor,
            Paging.Limit(limit, Paging.MaxLimit),
            cancellationToken
        );
        return TypedResults.Ok(
            page.ToDto(mention => new MentionDto(
                mention.ProposalId,
                mention.SequenceId,
                mention.Author,
                mention.AuthorName,
                mention.At,
                mention.Text,
                mention.SeenAt,
                mention.CommentId
            ))
        );
    }

    static async Task<NoContent> SeenAsync(
        SeenMentionsRequest body,
        HttpContext context,
        Comments comments,
        CancellationToken cancellationToken
    )
    {
        await comments.SeenAsync(body.Comments, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static CommentDto Dto(SequenceComment comment) =>
        new(
            comment.Id,
            comment.Author,
            comment.AuthorName,
            comment.At,
            comment.Text,
            comment.EditedAt,
            [.. comment.Mentions.Select(person => new PersonDto(person.UserId, person.Name, null))]
        );
}
