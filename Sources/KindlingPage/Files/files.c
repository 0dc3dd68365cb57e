// The page's parts: first the template, then the style, then the script's files in the order in which they are to be
// read. Tests/Page/make.py takes that order from here.
#include "include/KindlingPageFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page[] = {
#embed "page.html"
};
static const unsigned char style[] = {
#embed "page.css"
};
static const unsigned char scriptWordsEn[] = {
#embed "words.en.js"
};
static const unsigned char scriptWordsVi[] = {
#embed "words.vi.js"
};
static const unsigned char scriptElements[] = {
#embed "elements.js"
};
static const unsigned char scriptNumbers[] = {
#embed "numbers.js"
};
static const unsigned char scriptData[] = {
#embed "data.js"
};
static const unsigned char scriptNames[] = {
#embed "names.js"
};
static const unsigned char scriptAxes[] = {
#embed "axes.js"
};
static const unsigned char scriptExplain[] = {
#embed "explain.js"
};
static const unsigned char scriptGrouped[] = {
#embed "grouped.js"
};
static const unsigned char scriptUpdate[] = {
#embed "update.js"
};
static const unsigned char scriptStory[] = {
#embed "story.js"
};
static const unsigned char scriptUses[] = {
#embed "uses.js"
};
static const unsigned char scriptMeasure[] = {
#embed "measure.js"
};
static const unsigned char scriptColours[] = {
#embed "colours.js"
};
static const unsigned char scriptHeatmap[] = {
#embed "heatmap.js"
};
static const unsigned char scriptPlace[] = {
#embed "place.js"
};
static const unsigned char scriptSlider[] = {
#embed "slider.js"
};
static const unsigned char scriptCode[] = {
#embed "code.js"
};
static const unsigned char scriptGraph[] = {
#embed "graph.js"
};
static const unsigned char scriptStage[] = {
#embed "stage.js"
};
static const unsigned char scriptPanel[] = {
#embed "panel.js"
};
static const unsigned char scriptPanelParts[] = {
#embed "panel.parts.js"
};
static const unsigned char scriptWhy[] = {
#embed "why.js"
};
static const unsigned char scriptTwins[] = {
#embed "twins.js"
};
static const unsigned char scriptCharts[] = {
#embed "charts.js"
};
static const unsigned char scriptHealth[] = {
#embed "health.js"
};
static const unsigned char scriptDigits[] = {
#embed "digits.js"
};
static const unsigned char scriptTimeline[] = {
#embed "timeline.js"
};
static const unsigned char scriptAttention[] = {
#embed "attention.js"
};
static const unsigned char scriptPage[] = {
#embed "page.js"
};

static const PageFile files[] = {
    {page, sizeof page},
    {style, sizeof style},
    {scriptWordsEn, sizeof scriptWordsEn},
    {scriptWordsVi, sizeof scriptWordsVi},
    {scriptElements, sizeof scriptElements},
    {scriptNumbers, sizeof scriptNumbers},
    {scriptData, sizeof scriptData},
    {scriptNames, sizeof scriptNames},
    {scriptAxes, sizeof scriptAxes},
    {scriptExplain, sizeof scriptExplain},
    {scriptGrouped, sizeof scriptGrouped},
    {scriptUpdate, sizeof scriptUpdate},
    {scriptStory, sizeof scriptStory},
    {scriptUses, sizeof scriptUses},
    {scriptMeasure, sizeof scriptMeasure},
    {scriptColours, sizeof scriptColours},
    {scriptHeatmap, sizeof scriptHeatmap},
    {scriptPlace, sizeof scriptPlace},
    {scriptSlider, sizeof scriptSlider},
    {scriptCode, sizeof scriptCode},
    {scriptGraph, sizeof scriptGraph},
    {scriptStage, sizeof scriptStage},
    {scriptPanel, sizeof scriptPanel},
    {scriptPanelParts, sizeof scriptPanelParts},
    {scriptWhy, sizeof scriptWhy},
    {scriptTwins, sizeof scriptTwins},
    {scriptCharts, sizeof scriptCharts},
    {scriptHealth, sizeof scriptHealth},
    {scriptDigits, sizeof scriptDigits},
    {scriptTimeline, sizeof scriptTimeline},
    {scriptAttention, sizeof scriptAttention},
    {scriptPage, sizeof scriptPage},
};

int32_t pageFileCount(void) { return sizeof files / sizeof *files; }

PageFile pageFile(int32_t place) { return files[place]; }
