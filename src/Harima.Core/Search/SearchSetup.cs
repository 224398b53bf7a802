using Harima.Catalogue;
using Harima.Search.Feed;
using Harima.Sequences;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Search;

static class SearchSetup
{
    public static void AddSearch(this IServiceCollection services)
    {
        services.AddSingleton<KnownPaths>().AddSingleton<TechniqueTerms>();
        services.AddSingleton<SearchMarks>().AddSingleton<SequenceReading>();
        services.AddSingleton(provider => new SearchFeed(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<SearchMarks>(),
            provider.GetRequiredService<SequenceReading>(),
            provider.GetRequiredService<KnownPaths>(),
            provider.GetRequiredService<IOptions<SearchOptions>>(),
            provider.GetRequiredService<IOptions<DataOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SearchFeed>>()
        ));
        services.AddHostedService<SearchWorker>();
        services
            .AddSingleton<SearchReach>()
            .AddSingleton<SearchSession>()
            .AddSingleton<SearchColumns>()
            .AddSingleton<FacetLabels>();
        services.AddSingleton(provider => new FindSequences(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>(),
            provider.GetRequiredService<SearchColumns>(),
            provider.GetRequiredService<FacetLabels>()
        ));
        services.AddSingleton(provider => new CompleteQuery(provider.GetRequiredService<SearchSession>()));
        services.AddSingleton(provider => new PlotPoints(
            provider.GetRequiredService<SearchSession>(),
            provider.GetRequiredService<SequenceQueries>()
        ));
    }
}
